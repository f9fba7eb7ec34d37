// Parts of a page that ask for themselves again and again (hx-trigger="every …") ask only while somebody sees the page.
// htmx goes on counting, so that they ask soon after it is seen again.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.matches('[hx-trigger^="every "]')) event.preventDefault();
});
// The server is told of each, so that a page nobody looks at keeps no session alive.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const asks = detail.elt.getAttribute("hx-trigger") ?? "";
  if (/^every |numberdesk:count/.test(asks)) detail.headers["X-Asked-By-Itself"] = "1";
});
