// The look-up: a combobox in a dialog. htmx fetches its lines as one types; without script its page does the same.
//
// Hooks in the markup:
//   #find, #find-field, #found, #find-said   the dialog, its field, its listbox and its live region (ui/find.html)
//   [data-find]                              links to the page of the look-up that open the dialog in its place
//   [data-kind][data-key]                    a line that comes first the next time once it was opened
(() => {
  "use strict";
  const dialog = document.getElementById("find");
  if (!dialog) return;
  const field = document.getElementById("find-field");
  const listbox = document.getElementById("found");
  const said = document.getElementById("find-said");
  let shown = null; // what was typed when the lines came
  let opening = false; // Enter was pressed before the lines of what is typed came

  const options = () => [...listbox.querySelectorAll("[role=option]")];
  const chosen = () => listbox.querySelector("[aria-selected=true]");

  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      field.setAttribute("aria-activedescendant", option.id);
    } else field.removeAttribute("aria-activedescendant");
  };

  const open = () => {
    if (dialog.open) return;
    dialog.showModal();
    field.select();
    htmx.trigger(field, "look");
  };

  const follow = (option, event) => {
    if (event && (event.ctrlKey || event.metaKey)) window.open(option.href, "_blank", "noopener");
    else location.assign(option.href);
  };

  // The server keeps what was opened; that must not hold up the way there.
  const remember = (option) => {
    if (!option.dataset.key) return;
    const { "x-csrftoken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
    const form = new FormData();
    form.append("csrfmiddlewaretoken", token);
    form.append("kind", option.dataset.kind);
    form.append("key", option.dataset.key);
    navigator.sendBeacon(listbox.dataset.remember, form);
  };

  document.addEventListener("keydown", (event) => {
    const isK = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
    if (!isK || (document.querySelector("dialog[open]") && !dialog.open)) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });
  document.addEventListener("numberdesk:find", open);
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const plain = !(event.ctrlKey || event.metaKey || event.shiftKey);
    if (target?.closest("[data-find]") && plain) {
      event.preventDefault();
      open();
    } else if (target?.closest("[data-find-close]") || target === dialog) dialog.close();
  });

  field.addEventListener("keydown", (event) => {
    const all = options();
    const here = all.indexOf(chosen());
    const steps = { ArrowDown: here + 1, ArrowUp: here - 1 + (here < 0 ? 1 : 0) };
    if (event.key in steps && all.length) {
      event.preventDefault();
      choose(all[(steps[event.key] + all.length) % all.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (shown !== field.value) {
        opening = true;
        htmx.trigger(field, "look");
      } else if (chosen()) {
        remember(chosen());
        follow(chosen(), event);
      }
    }
  });
  listbox.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) remember(option);
  });
  listbox.addEventListener("mousemove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });

  listbox.addEventListener("htmx:afterSwap", (event) => {
    shown = event.detail.requestConfig.parameters.q ?? field.value;
    choose(options()[0]);
    said.textContent = listbox.querySelector("[data-said]")?.dataset.said ?? "";
    field.setAttribute("aria-expanded", options().length ? "true" : "false");
    if (!opening) return;
    opening = false;
    if (chosen()) {
      remember(chosen());
      follow(chosen());
    }
  });
  const failed = () => {
    opening = false;
    said.textContent = "The desk can’t be reached right now.";
  };
  field.addEventListener("htmx:sendError", failed);
  field.addEventListener("htmx:responseError", failed);
  dialog.addEventListener("close", () => field.setAttribute("aria-expanded", "false"));
})();
