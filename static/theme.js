// Puts the chosen theme and density on the page before anything is drawn. Loaded first, in <head>; the buttons are in
// portal.js.
(() => {
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
    if (localStorage.getItem("density") === "dense") document.documentElement.dataset.density = "dense";
  } catch {
    // No storage: the system's theme stays, and rows have their usual height.
  }
})();
