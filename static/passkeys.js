// Passkeys. A form is sent with what the browser's passkey answers; allauth's webauthn-json.js speaks to the browser.
//
// Hooks in the markup:
//   form[data-passkey="#id"]        what is asked of the passkey stands in the JSON of that element
//   form[data-passkey="/address/"]  or is fetched there
//   form[data-passkey-is-new]       a new passkey is made; its checkbox "passwordless" makes it one to sign in with
//   [data-no-passkeys]              shown where the browser offers none
(() => {
  "use strict";
  const { webauthnJSON } = window;
  const canDo = Boolean(window.PublicKeyCredential) && !/^[0-9.]+$|:/.test(location.hostname);
  for (const note of document.querySelectorAll("[data-no-passkeys]")) note.hidden = canDo;

  const optionsOf = async (form) => {
    const { passkey } = form.dataset;
    if (passkey.startsWith("#")) return JSON.parse(document.querySelector(passkey).textContent);
    const answer = await fetch(passkey, { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.json();
  };
  const made = ({ creation_options: options }, alone) => {
    Object.assign(options.publicKey.authenticatorSelection, {
      residentKey: alone ? "required" : "discouraged",
      requireResidentKey: alone,
      ...(alone && { userVerification: "required" }),
    });
    return webauthnJSON.create(options);
  };
  const asked = (form, options) =>
    "passkeyIsNew" in form.dataset
      ? made(options, form.elements.passwordless.checked)
      : webauthnJSON.get(options.request_options);

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const options = form.dataset.passkey.startsWith("#") && document.querySelector(form.dataset.passkey);
    const isUseful = !options || !JSON.parse(options.textContent).request_options
      || JSON.parse(options.textContent).request_options.publicKey.allowCredentials?.length;
    form.hidden = !canDo || !isUseful;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const error = form.querySelector("[role=alert]");
      error.hidden = true;
      try {
        form.elements.credential.value = JSON.stringify(await asked(form, await optionsOf(form)));
        form.submit();
      } catch {
        error.textContent = "There was no passkey: you cancelled, it took too long, or you have none for this desk.";
        error.hidden = false;
      }
    });
  }
})();
