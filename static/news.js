// What an open page learns while it is open: that there is something newer to show, and the counts of the navigation.
// It says so and moves nothing. Asked for only while the page is seen; not any more once the person is signed out.
//
// Hooks in the markup:
//   [data-news="address"]   asks there whether what the page shows has changed; its paragraph is shown then, and
//                           [data-said] in it takes the words
//   [data-show-news]        the button that has htmx swap the newer rows in: what has the focus, is ticked, typed or
//                           unfolded in that part of the page stays so
//   numberdesk:count        the event of the body by which the navigation asks for its counts
(() => {
  "use strict";
  const CALM = 30_000;
  const SLOWEST = 600_000;
  const COUNTED_EVERY = 60_000;
  // An answer that took its time is asked for less often: at most this share of the server's time goes to one page.
  const SHARE = 100;
  // A page that nobody looks at keeps no session alive.
  const HEADERS = { accept: "application/json", "x-asked-by-itself": "1" };
  // The person is signed out, or what the page is about is no longer theirs to see.
  const OVER = [400, 401, 403, 404];

  let pace = CALM;
  let asked = Date.now();
  let counted = Date.now();
  let timer = null;
  let isAsking = false;
  let isOver = false;

  // --- Asking ---
  const say = (box, words) => {
    const bar = box.querySelector("p");
    if (!words && bar.contains(document.activeElement)) return;
    const place = box.querySelector("[data-said]");
    if (place.textContent !== words) place.textContent = words;
    bar.hidden = !words;
  };
  const ask = async () => {
    const box = document.querySelector("[data-news]");
    if (!box) return;
    const { news } = box.dataset;
    const began = Date.now();
    try {
      const answer = await fetch(news, { redirect: "manual", headers: HEADERS });
      isOver = answer.type === "opaqueredirect" || OVER.includes(answer.status);
      if (isOver) return;
      if (!answer.ok) throw new Error(answer.statusText);
      const { said } = await answer.json();
      pace = Math.min(Math.max(CALM, (Date.now() - began) * SHARE), SLOWEST);
      if (box.isConnected && box.dataset.news === news) say(box, said);
    } catch {
      pace = Math.min(pace * 2, SLOWEST);
    }
  };
  const turn = async () => {
    if (document.hidden || isAsking) return;
    isAsking = true;
    asked = Date.now();
    await ask();
    isAsking = false;
    if (isOver) return;
    if (asked - counted >= COUNTED_EVERY) {
      counted = asked;
      document.body.dispatchEvent(new Event("numberdesk:count"));
    }
    later();
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(turn, Math.max(0, asked + pace - Date.now()));
  };
  // A page that was out of sight asks when it is seen again, but no sooner than it would have.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !isAsking && !isOver) later();
  });
  later();

  // --- Showing: what is newer takes its place, and what the person does there stays ---
  // What had the focus before the button; portal.js keeps it through the swap.
  let before = null;
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-show-news]")) before = event.relatedTarget;
  });
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-show-news]");
    if (!button) return;
    const box = button.closest("[data-news]").parentElement;
    const next = before?.isConnected && box.contains(before) ? before : box;
    if (next === box) box.tabIndex = -1;
    next.focus({ preventScroll: true });
  });

  // The page's own address, without the part of it that the browser scrolled to.
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.elt.matches("[data-show-news]")) detail.path = location.pathname + location.search;
  });

  const CHOSEN = "input:not([type=hidden]), select, textarea";
  const isTicked = (control) => control.matches("[type=checkbox], [type=radio]");
  const nameOf = (control) => {
    const { form, name, type, value } = control;
    return [form?.getAttribute("action"), name, type, isTicked(control) ? value : ""].join();
  };
  const isTouched = (control) => {
    if (isTicked(control)) return control.checked !== control.defaultChecked;
    if (control.matches("select")) return [...control.options].some((one) => one.selected !== one.defaultSelected);
    return control.value !== control.defaultValue;
  };
  // Pairs of a name and a fold: its summary, and what stands around it where several have the same.
  const foldsOf = (box) => {
    const folds = [...box.querySelectorAll("details")];
    const words = folds.map((one) => one.querySelector("summary")?.textContent.trim());
    const isOne = (each) => words.indexOf(each) === words.lastIndexOf(each);
    return folds.map((one, place) => [isOne(words[place]) ? words[place] : one.parentElement.textContent, one]);
  };
  let left = null;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (!detail.requestConfig?.elt.matches("[data-show-news]")) return;
    const touched = [...detail.target.querySelectorAll(CHOSEN)].filter(isTouched);
    left = {
      controls: new Map(touched.map((one) => [nameOf(one), isTicked(one) ? one.checked : one.value])),
      details: new Map(foldsOf(detail.target).map(([words, one]) => [words, one.open])),
      box: detail.target.id,
    };
  });
  document.addEventListener("htmx:afterSwap", () => {
    const box = left && document.getElementById(left.box);
    if (!box) return;
    const { controls, details } = left;
    left = null;
    for (const control of box.querySelectorAll(CHOSEN)) {
      if (!controls.has(nameOf(control))) continue;
      if (isTicked(control)) control.checked = controls.get(nameOf(control));
      else control.value = controls.get(nameOf(control));
    }
    for (const [words, one] of foldsOf(box)) if (details.has(words)) one.open = details.get(words);
  });
})();
