// What lists and the navigation do beyond links and forms. Everything works without it.
//
// Hooks in the markup:
//   details.menu                closes by Escape, by a click elsewhere where it lies over the page, and by its button
//   details[data-remember="x"]  is open on the next page, too, where it was left open and stands beside the page
//   [data-order] > li           is moved by its buttons [data-move="-1"] and [data-move="1"], or dragged
//   [data-moved]                where is said what was moved
//   #rail-views[data-need]      how many numbers need somebody, in words; goes to title[data-counted] and the icon
//   dl[data-meanings="x"]       what words in cells of the class "x" mean, which is put behind them
//   [data-rows] td > p          words that style sheets may cut: where they are, the whole is put behind them
//   form[data-picking]          has the checkboxes "ids" of rows; shift-click selects all between; the box in the
//                               hidden label [data-tick-all] those of the page, "all" whatever the list finds;
//                               [data-picked] is shown with a selection, [data-picked-count] says how many,
//                               [data-unpick] ends it
(() => {
  "use strict";

  // --- Menus ---
  const content = (menu) => menu.querySelector(":scope > summary + *");
  const isOver = (menu) => getComputedStyle(content(menu)).position === "absolute";
  const open = () => [...document.querySelectorAll("details.menu[open]")];
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape") return;
      const inside = event.target instanceof Element && event.target.closest("details.menu[open]");
      const menu = inside || open().find(isOver);
      if (!menu) return;
      event.preventDefault();
      event.stopPropagation();
      menu.open = false;
      menu.querySelector("summary").focus();
    },
    true,
  );
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (isOver(menu) && !menu.contains(event.target)) menu.open = false;
  });
  for (const menu of document.querySelectorAll("details[data-remember]")) {
    const key = `open-${menu.dataset.remember}`;
    try {
      menu.open ||= sessionStorage.getItem(key) === "yes" && matchMedia("(min-width: 1360px)").matches;
      menu.addEventListener("toggle", () => sessionStorage.setItem(key, menu.open ? "yes" : "no"));
    } catch {
      // No storage: it is closed on every page.
    }
  }

  // --- Order ---
  const say = (item) => {
    const list = item.parentElement;
    const place = [...list.children].indexOf(item) + 1;
    const words = item.querySelector("label").textContent.trim();
    list.parentElement.querySelector("[data-moved]").textContent = `${words}: ${place} of ${list.children.length}`;
  };
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-order] [data-move]");
    if (!button) return;
    event.preventDefault();
    const item = button.closest("li");
    const other = button.dataset.move === "1" ? item.nextElementSibling : item.previousElementSibling;
    if (!other) return;
    if (button.dataset.move === "1") other.after(item);
    else other.before(item);
    button.focus();
    item.scrollIntoView({ block: "nearest" });
    say(item);
  });
  // Enter in the form keeps the order; the first button of it would move a column.
  document.addEventListener("keydown", (event) => {
    const box = event.target instanceof Element && event.target.closest("[data-order] input");
    if (!box || event.key !== "Enter") return;
    event.preventDefault();
    box.form.requestSubmit(box.form.querySelector("[data-keep]"));
  });
  let dragged = null;
  document.addEventListener("dragstart", (event) => {
    dragged = event.target instanceof Element ? event.target.closest("[data-order] > li") : null;
  });
  document.addEventListener("dragover", (event) => {
    const over = dragged && event.target instanceof Element && event.target.closest("[data-order] > li");
    if (!over || over.parentElement !== dragged.parentElement) return;
    event.preventDefault();
    if (over === dragged) return;
    const box = over.getBoundingClientRect();
    if (event.clientY > box.top + box.height / 2) over.after(dragged);
    else over.before(dragged);
  });
  document.addEventListener("dragend", () => {
    if (dragged) say(dragged);
    dragged = null;
  });

  // --- How many numbers need somebody: in the title, and as a dot on the icon ---
  document.addEventListener("htmx:afterSettle", () => {
    const views = document.getElementById("rail-views");
    if (!views) return;
    const need = views.dataset.need || "";
    const icon = document.querySelector("link[rel=icon]");
    const wanted = need ? icon.dataset.need : icon.dataset.calm;
    if (icon.getAttribute("href") !== wanted) icon.setAttribute("href", wanted);
    if (!document.querySelector("title[data-counted]")) return;
    const bare = document.title.replace(/^[\d,]+\+? needs? you – /, "");
    document.title = need ? `${need} – ${bare}` : bare;
  });

  // --- What the words of a list mean: told once below it, and behind them where a pointer comes to them ---
  document.addEventListener("pointerover", ({ target }) => {
    const cut = target instanceof Element && target.closest("[data-rows] td > p:not([title])");
    if (cut && cut.scrollHeight > cut.clientHeight) cut.title = cut.textContent;
    const cell = target instanceof Element && target.closest("[data-rows] td:not([title])");
    if (!cell) return;
    for (const list of document.querySelectorAll("[data-meanings]")) {
      if (!cell.classList.contains(list.dataset.meanings)) continue;
      const words = cell.firstChild?.textContent;
      const term = [...list.querySelectorAll("dt")].find((one) => one.textContent === words);
      if (term) cell.title = term.nextElementSibling.textContent;
    }
  });

  // --- Selecting rows ---
  let lastPicked = null;
  const boxesOf = (form) => [...form.elements].filter((element) => element.name === "ids");
  const pickingForm = (element) => (element?.form?.matches("[data-picking]") ? element.form : null);
  const showPicked = (form) => {
    const boxes = boxesOf(form);
    const picked = boxes.filter((box) => box.checked).length;
    const page = [...form.elements].find((element) => element.closest("[data-tick-all]"));
    if (page) {
      page.closest("[data-tick-all]").hidden = false;
      page.checked = picked === boxes.length;
      page.indeterminate = picked > 0 && picked < boxes.length;
    }
    const bar = form.querySelector("[data-picked]");
    if (!bar) return;
    const all = form.elements.all;
    bar.hidden = !picked && !all?.checked;
    const left = boxes.length - picked;
    const words = !all?.checked ? `${picked} selected` : left ? `All but ${left} selected` : "All selected";
    const count = bar.querySelector("[data-picked-count]");
    if (count.textContent !== words) count.textContent = words;
  };
  const showAllPicked = () => document.querySelectorAll("form[data-picking]").forEach(showPicked);
  document.addEventListener("click", (event) => {
    const form = event.target.name === "ids" && pickingForm(event.target);
    if (!form) return;
    const box = event.target;
    if (event.shiftKey && lastPicked?.form === form) {
      const boxes = boxesOf(form);
      const [from, to] = [boxes.indexOf(lastPicked), boxes.indexOf(box)].sort((one, other) => one - other);
      for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
    }
    lastPicked = box;
  });
  document.addEventListener("change", (event) => {
    const form = pickingForm(event.target);
    if (!form) return;
    const { name, checked } = event.target;
    const isOfPage = event.target.closest("[data-tick-all]");
    if (isOfPage || (name === "all" && checked)) for (const box of boxesOf(form)) box.checked = checked;
    if (isOfPage && !checked && form.elements.all) form.elements.all.checked = false;
    showPicked(form);
  });
  document.addEventListener("click", (event) => {
    const form = event.target instanceof Element && event.target.matches("[data-unpick]") && event.target.form;
    if (!form) return;
    for (const box of form.elements) if (box.type === "checkbox") box.checked = false;
    showPicked(form);
    boxesOf(form)[0].focus();
  });
  // Of all that match, the rows that were unticked are left out.
  document.addEventListener("formdata", (event) => {
    const form = event.target;
    if (!form.matches("[data-picking]") || !form.elements.all?.checked) return;
    event.formData.delete("ids");
    for (const box of boxesOf(form)) if (!box.checked) event.formData.append("except", box.value);
  });
  document.addEventListener("htmx:afterSettle", showAllPicked);
  addEventListener("pageshow", showAllPicked);
})();
