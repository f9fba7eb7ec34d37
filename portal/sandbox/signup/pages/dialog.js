// The practice dialog: fits the accounts to the business, has the server do what was chosen, and tells the opener.
(() => {
  "use strict";
  const RESULT = "PRACTICE_LOGIN"; // sdk.js waits for it
  const form = document.querySelector("form");
  const { business, waba, business_name } = form.elements;
  const button = document.getElementById("continue");
  const problem = document.getElementById("problem");

  const fit = () => {
    for (const option of waba.options) {
      option.hidden = option.disabled = option.value !== "new" && option.dataset.business !== business.value;
    }
    if (waba.selectedOptions[0].disabled) waba.value = "new";
    business_name.closest("label").hidden = business.value !== "new";
  };

  const tell = (ending) => {
    if (!window.opener) {
      problem.textContent = "Done, but no page is there to be told: this window was not opened by one.";
      return;
    }
    const origin = form.dataset.origin || "*";
    if (ending.message) window.opener.postMessage(JSON.stringify(ending.message), origin);
    window.opener.postMessage({ type: RESULT, code: ending.code, calls_back: ending.calls_back }, origin);
    window.close();
  };

  const finish = async (event) => {
    event.preventDefault();
    if (form.elements.outcome.value === "closed") {
      window.close();
      return;
    }
    problem.textContent = "";
    button.disabled = true;
    try {
      const answer = await fetch("/dialog/finish", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(Object.fromEntries(new FormData(form))),
      });
      const ending = await answer.json();
      if (answer.ok) tell(ending);
      else problem.textContent = ending.error;
    } catch {
      problem.textContent = "The practice server did not answer.";
    } finally {
      button.disabled = false;
    }
  };

  business.addEventListener("change", fit);
  form.addEventListener("submit", finish);
  form.elements.outcome.value = form.dataset.outcome;
  fit();
})();
