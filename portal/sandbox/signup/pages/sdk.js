// Stands in for Meta's JavaScript SDK on a page that uses the practice server: FB.init and FB.login, nothing else.
//
// Like the real one it opens the login dialog as a popup and calls back once, with the code or without. Unlike the real
// one it works on pages without HTTPS. Which page the dialog may talk to is told to it in `origin`.
(() => {
  "use strict";
  const here = new URL(document.currentScript.src);
  const RESULT = "PRACTICE_LOGIN";
  const LOOK_EVERY = 200;
  const OPTIONS = ["config_id", "response_type", "override_default_response_type"];
  let app = null;

  const nothing = () => ({ status: "unknown", authResponse: null });

  const granted = (code) => ({
    status: "connected",
    authResponse: { code, userID: null, expiresIn: null, signedRequest: null },
  });

  const init = (settings = {}) => {
    if (!/^v\d+\.\d+$/.test(settings.version || "")) {
      throw new Error("FB.init: version is missing or is no version of the Graph API, such as v25.0");
    }
    app = { id: String(settings.appId || ""), version: settings.version };
  };

  const address = (options) => {
    const found = new URL("/dialog/oauth", here);
    found.searchParams.set("app_id", app.id);
    found.searchParams.set("version", app.version);
    for (const name of OPTIONS) {
      if (options[name] !== undefined) found.searchParams.set(name, String(options[name]));
    }
    found.searchParams.set("extras", JSON.stringify(options.extras || {}));
    if (location.origin !== "null") found.searchParams.set("origin", location.origin);
    return found;
  };

  // Calls back once: when the dialog says how it ended, or when its window is gone without a word.
  const follow = (popup, finish) => {
    let gone = false;
    const stop = () => {
      clearInterval(timer);
      removeEventListener("message", listen);
    };
    const listen = (event) => {
      if (event.source !== popup || event.origin !== here.origin || !event.data || event.data.type !== RESULT) return;
      stop();
      if (event.data.calls_back) finish(event.data.code ? granted(event.data.code) : nothing());
    };
    const look = () => {
      if (gone) {
        stop();
        finish(nothing());
      }
      gone = popup.closed; // its last message may still be on the way: believe it at the next look
    };
    const timer = setInterval(look, LOOK_EVERY);
    addEventListener("message", listen);
  };

  const login = (callback, options = {}) => {
    if (Object.prototype.toString.call(callback) === "[object AsyncFunction]") {
      throw new Error("FB.login: the callback is an async function, and has to be a plain one");
    }
    const finish = (response) => typeof callback === "function" && callback(response);
    if (!app || !options.config_id) {
      console.error(app ? "FB.login: config_id is missing" : "FB.login was called before FB.init");
      finish(nothing());
      return;
    }
    const popup = open(address(options), "_blank", "popup,width=640,height=800");
    if (popup) follow(popup, finish);
    else setTimeout(finish, 0, nothing());
  };

  window.FB = { init, login };
  if (typeof window.fbAsyncInit === "function") window.fbAsyncInit();
})();
