// What the pages do beyond links and forms: keyboard, theme, copying an id. Everything works without it.
//
// Hooks in the markup:
//   [data-search]        the field that "f" focuses; "/" too, where there is no look-up (find.js)
//   [data-rows]          a table whose rows j/k walk; the first link of a row is what Enter opens, and "x" ticks the
//                        row's checkbox named "ids"
//   [data-go="x y"]      a navigation link that "g x" and "g y" follow
//   [data-copy="text"]   a button that copies the text
//   [data-why]           a greyed button, which says its title when it is pressed
//   form[data-back="address"]   the page that takes the place of the form in the browser's history once it is sent
//   [data-picture="name"]   shows the picture that this field is to send
//   [data-preview="name"]   shows what the field of this name says, as it is filled in
//   [data-theme-toggle], [data-density-toggle], [data-keys]   buttons, hidden in the markup, shown here
//   dialog#keys[data-from="address"]   tells the keys; what is in it is fetched when it is first opened
(() => {
  "use strict";
  const root = document.documentElement;

  // --- Theme: the opposite of what is seen now; choosing the system's own again forgets the choice ---
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  const toggleTheme = () => {
    const next = isDark() ? "light" : "dark";
    const forget = (next === "dark") === system.matches;
    if (forget) delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      if (forget) localStorage.removeItem("theme");
      else localStorage.setItem("theme", next);
    } catch {
      // No storage: the choice lasts for this page.
    }
  };

  // --- Density: rows of tables closer together, or as usual ---
  const toggleDensity = () => {
    if (root.dataset.density) delete root.dataset.density;
    else root.dataset.density = "dense";
    try {
      if (root.dataset.density) localStorage.setItem("density", "dense");
      else localStorage.removeItem("density");
    } catch {
      // No storage: the choice lasts for this page.
    }
  };

  // --- Strips of links that scroll sideways on narrow screens: where one is, is in sight ---
  for (const here of document.querySelectorAll(".rail nav [aria-current], .tabs [aria-current]")) {
    const strip = here.closest("nav");
    const [its, all] = [here.getBoundingClientRect(), strip.getBoundingClientRect()];
    strip.scrollLeft += its.left + its.width / 2 - (all.left + all.width / 2);
  }

  // --- Rows ---
  const rows = () => [...document.querySelectorAll("[data-rows] > tbody > tr")].filter((row) => row.querySelector("a"));
  const walk = (step) => {
    const all = rows();
    if (!all.length) return;
    const here = all.findIndex((row) => row.contains(document.activeElement));
    const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + step, 0), all.length - 1);
    all[next].querySelector("a").focus();
    all[next].scrollIntoView({ block: "nearest" });
  };

  // --- Keys ---
  const keys = document.getElementById("keys");
  const showKeys = async () => {
    if (!keys.firstElementChild) await htmx.ajax("GET", keys.dataset.from, keys).catch(() => {});
    // The page may have been left meanwhile.
    if (keys.isConnected && keys.firstElementChild && !keys.open) keys.showModal();
  };
  let afterG = false;
  const typing = (element) =>
    element instanceof HTMLElement && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));

  const searchTheList = () => {
    const field = document.querySelector("[data-search]");
    if (!field) return false;
    field.focus();
    field.select();
    return true;
  };

  const actions = {
    "/": () => {
      if (!document.getElementById("find")) return searchTheList();
      document.dispatchEvent(new Event("numberdesk:find"));
      return true;
    },
    f: searchTheList,
    x: () => {
      const row = document.activeElement?.closest("[data-rows] > tbody > tr");
      const box = row?.querySelector('input[type="checkbox"][name="ids"]');
      box?.click();
      return Boolean(box);
    },
    "?": () => {
      if (!keys) return false;
      showKeys();
      return true;
    },
    j: () => (walk(1), true),
    k: () => (walk(-1), true),
    g: () => {
      afterG = true;
      setTimeout(() => (afterG = false), 1200);
      return true;
    },
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape" && typing(event.target)) return event.target.blur();
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (afterG) {
      afterG = false;
      const link = document.querySelector(`[data-go~="${CSS.escape(event.key)}"]`);
      if (link) {
        event.preventDefault();
        link.click();
      }
      return;
    }
    const action = Object.hasOwn(actions, event.key) && actions[event.key];
    if (action && action()) event.preventDefault();
  });

  // --- Buttons ---
  const say = (button, words) => {
    const label = button.querySelector("[data-copy-label]") || button;
    const before = label.textContent;
    label.textContent = words;
    setTimeout(() => (label.textContent = before), 1600);
  };
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("button");
    if (!button) return;
    if (button.matches("[data-theme-toggle]")) toggleTheme();
    if (button.matches("[data-density-toggle]")) toggleDensity();
    if (button.matches("[data-keys]") && keys) showKeys();
    if (button.matches("[data-why]")) tell(button.title, "info");
    if (button.matches("[data-copy]")) {
      navigator.clipboard.writeText(button.dataset.copy).then(
        () => say(button, "Copied"),
        () => say(button, "Press Ctrl+C"),
      );
    }
  });
  const hiddenInMarkup = "[data-theme-toggle], [data-density-toggle], [data-keys], [data-copy]";
  const showButtons = () => {
    for (const button of document.querySelectorAll(hiddenInMarkup)) {
      button.hidden = button.matches("[data-copy]") && !navigator.clipboard;
    }
  };
  showButtons();
  document.addEventListener("htmx:afterSettle", showButtons);

  // --- htmx: say when it failed, and sign in again when the session has ended ---
  const area = document.querySelector(".messages");
  const tell = (words, level) => {
    const message = document.createElement("p");
    message.className = `message ${level}`;
    message.textContent = words;
    area.replaceChildren(message);
  };
  const complain = (words) => tell(words, "error");
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.responseURL && new URL(xhr.responseURL).pathname === "/login/") {
      event.preventDefault();
      location.reload();
    } else if (xhr.status < 400 && area.querySelector("[data-lost]")) area.replaceChildren();
  });
  document.addEventListener("htmx:responseError", () => complain("That did not work. Load the page again."));
  document.addEventListener("htmx:sendError", () => {
    complain("The desk can’t be reached right now.");
    area.firstChild.dataset.lost = "";
  });

  // --- htmx: what had the focus has it again after a swap, or else what was swapped ---
  // htmx does so only for what has an id.
  const FOCUSABLE = "a[href], button, input, select, textarea, summary";
  const nameOf = (element) => {
    const words = element.getAttribute("aria-label") ?? (element.value || element.textContent.trim());
    return [element.tagName, element.name, words].join();
  };
  let left = null;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const [here, box] = [document.activeElement, detail.target];
    if (!detail.shouldSwap || !box.id || !box.contains(here)) return;
    const alike = [...box.querySelectorAll(FOCUSABLE)].filter((one) => nameOf(one) === nameOf(here));
    left = { box: box.id, name: nameOf(here), place: alike.indexOf(here) };
  });
  document.addEventListener("htmx:afterSettle", () => {
    const box = left && document.getElementById(left.box);
    if (!box || document.activeElement !== document.body) return;
    const { name, place } = left;
    left = null;
    const alike = [...box.querySelectorAll(FOCUSABLE)].filter((one) => nameOf(one) === name);
    const next = alike[Math.min(place, alike.length - 1)] ?? box;
    if (next === box) box.tabIndex = -1;
    next.focus({ preventScroll: true });
  });

  // --- What a form says, as it will be shown ---
  for (const shown of document.querySelectorAll("[data-preview]")) {
    const field = document.getElementsByName(shown.dataset.preview)[0];
    const show = () => (shown.textContent = field.value && (field.selectedOptions?.[0].text ?? field.value));
    field.addEventListener("input", show);
    show();
  }

  // --- The picture that a form is to send ---
  for (const shown of document.querySelectorAll("[data-picture]")) {
    const [field] = document.getElementsByName(shown.dataset.picture);
    const otherwise = shown.textContent;
    field?.addEventListener("change", () => {
      shown.textContent = otherwise;
      const [file] = field.files;
      if (!file) return;
      const reader = new FileReader();
      reader.addEventListener("load", () => {
        const picture = new Image();
        picture.alt = "";
        // What is no picture leaves what was there.
        picture.addEventListener("load", () => file === field.files[0] && shown.replaceChildren(picture));
        picture.src = reader.result;
      });
      reader.readAsDataURL(file);
    });
  }

  // --- A form that starts something is sent once ---
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !(form instanceof HTMLFormElement) || form.method !== "post") return;
    // What only gives a file leaves the page as it is.
    if (event.submitter?.hasAttribute("data-again")) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    // The back button leads to the page that the form was opened on, not to the used form. A form without an address of
    // its own is sent to the page's, so that one is kept first.
    if (form.dataset.back) {
      form.setAttribute("action", new URL(form.getAttribute("action") ?? "", location.href).href);
      history.replaceState(null, "", form.dataset.back);
    }
    for (const button of form.querySelectorAll("button:not([name])")) button.setAttribute("aria-disabled", "true");
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
    }
  });
})();
