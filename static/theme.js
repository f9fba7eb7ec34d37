// Puts the chosen theme on the page before anything is drawn. Loaded first, in <head>; the button is in portal.js.
(() => {
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // No storage: the system's theme stays.
  }
})();
