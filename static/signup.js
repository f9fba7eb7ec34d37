// The signup page: gets Meta's SDK ready, opens Meta's dialog, and tells the desk what came back.
//
// Two things come back, in any order, and either may be missing: the login callback with a code that lives for 30
// seconds, which the desk exchanges at once, and message events, which anybody could make up and which are only
// reported. Every sentence stands in the template (outcomes.html); this decides which one is shown.
(() => {
  "use strict";
  const SDK_MS = 10_000; // without the SDK for this long, the page says so
  const WITHOUT_CODE_MS = 8_000; // "finished" was said and no code came: it is lost
  const WITHOUT_WORDS_MS = 1_500; // the dialog ended without a code: its message may be on the way

  const form = document.getElementById("signup");
  const button = document.getElementById("launch");
  const outcomes = document.getElementById("outcomes");
  const { appId, configId, version, sdk, messageOrigin, extras, begin, event: report, finish } = form.dataset;
  const csrfToken = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const allowed = new URL(messageOrigin);

  let state = null; // a promise of what the desk binds the next try to; null until a try that ended is begun anew
  let tried = null; // the same for the try that is under way, or was
  let isKnown = false; // the desk has answered: it knows this link
  let isSdkReady = false;
  let isUnderWay = false; // the dialog is open, as far as the page knows
  let isOver = false; // a code came: whatever else comes back changes nothing
  let saidFinished = false;
  let saidLeft = false; // cancelled or error: the words are on the page already
  let timer = 0;

  // --- What is shown ---
  const show = (name, texts = {}) => {
    for (const outcome of outcomes.querySelectorAll("[data-outcome]")) {
      outcome.hidden = outcome.dataset.outcome !== name;
      for (const slot of outcome.querySelectorAll("[data-slot]")) slot.textContent = texts[slot.dataset.slot] || "";
      for (const part of outcome.querySelectorAll("[data-if-slot]")) part.hidden = !texts[part.dataset.ifSlot];
      for (const step of outcome.querySelectorAll("[data-step]")) step.hidden = step.dataset.step !== texts.step;
    }
    if (tried) outcomes.scrollIntoView({ block: "nearest" }); // what came of a click is not left out of sight
  };
  const offer = (isFirst) => {
    for (const label of button.querySelectorAll("[data-label]")) {
      label.hidden = (label.dataset.label === "first") !== isFirst;
    }
  };
  const isReady = () => isSdkReady && isKnown;
  class Refusal extends Error {}
  const complain = (error, otherwise) => {
    if (error instanceof Refusal) show("refused", { sentence: error.message });
    else show(otherwise);
  };
  const refresh = () => button.setAttribute("aria-disabled", String(!isReady() || isOver));

  // --- The desk ---
  const post = async (address, body) => {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken },
      body: JSON.stringify(body),
      keepalive: true, // a page that is closed in this moment still tells it
    });
    return answer.json();
  };
  const getState = async () => {
    const answer = await post(begin, {});
    if (!answer.state) throw new Refusal(answer.error);
    return answer.state;
  };
  // Hearsay: the story goes on without it.
  const tell = (body) => tried.then((known) => post(report, { state: known, ...body })).catch(() => {});

  // --- Meta's SDK ---
  const loadSdk = () => {
    const late = setTimeout(() => !isSdkReady && show("slow"), SDK_MS);
    window.fbAsyncInit = () => {
      clearTimeout(late);
      window.FB.init({ appId, autoLogAppEvents: true, xfbml: true, version });
      isSdkReady = true;
      refresh();
      if (isReady()) show("");
    };
    const script = document.createElement("script");
    script.src = sdk;
    script.async = true;
    script.onerror = () => {
      clearTimeout(late);
      show("blocked");
    };
    document.head.append(script);
  };

  // --- The dialog ---
  // A window that the browser blocks looks to the SDK like one that was closed; only what open() gives tells.
  const opensAWindow = (open) => {
    const real = window.open;
    let isBlocked = false;
    window.open = (...given) => {
      const opened = real.apply(window, given);
      isBlocked = opened === null;
      return opened;
    };
    try {
      open();
    } finally {
      window.open = real;
    }
    return !isBlocked;
  };

  const launch = () => {
    if (!isReady() || isOver) return;
    clearTimeout(timer);
    saidFinished = saidLeft = false;
    isUnderWay = true;
    tried = state ||= getState();
    const options = { config_id: configId, response_type: "code", override_default_response_type: true };
    // Here and not later: a browser lets a page open a window only while it handles the click.
    const opened = opensAWindow(() => window.FB.login(onCallback, { ...options, extras: JSON.parse(extras) }));
    offer(false);
    if (!opened) {
      isUnderWay = false;
      clearTimeout(timer); // the SDK may have called back already, as if it had been closed
      return show("popup");
    }
    if (isUnderWay) show("open");
    tell({ started: true });
  };

  // A try that came to nothing: its words; the next is a new one.
  const end = (name, texts) => {
    isUnderWay = false;
    clearTimeout(timer);
    show(name, texts);
    offer(false);
    refresh();
    state = null;
  };

  const onCallback = (answer) => {
    const code = answer && answer.authResponse && answer.authResponse.code;
    if (code) return finishWith(code);
    if (!isUnderWay || saidFinished || saidLeft) return;
    timer = setTimeout(() => {
      tell({ message: { type: "WA_EMBEDDED_SIGNUP", event: "CANCEL", data: {} } });
      end("cancelled");
    }, WITHOUT_WORDS_MS);
  };

  const finishWith = async (code) => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    refresh();
    show("finishing");
    try {
      const answer = await post(finish, { state: await tried, code });
      if (answer.next) return location.assign(answer.next);
      isOver = false;
      end("refused", { sentence: answer.error });
    } catch (error) {
      complain(error, "unsure");
    }
  };

  const isMetas = (origin) => {
    if (origin === "null") return false;
    const { protocol, port, hostname } = new URL(origin);
    const isHost = hostname === allowed.hostname || hostname.endsWith(`.${allowed.hostname}`);
    return protocol === allowed.protocol && port === allowed.port && isHost;
  };
  const parsed = (data) => {
    try {
      return typeof data === "string" ? JSON.parse(data) : data;
    } catch {
      return null; // the SDK's own messages are not JSON
    }
  };

  const onMessage = ({ origin, data }) => {
    if (!isMetas(origin)) return;
    const message = parsed(data);
    if (!message || message.type !== "WA_EMBEDDED_SIGNUP" || !tried) return;
    const said = message.data || {};
    tell({ message });
    if (isOver) return;
    clearTimeout(timer);
    if (String(message.event).startsWith("FINISH")) {
      saidFinished = true;
      show("waiting");
      timer = setTimeout(() => {
        form.hidden = true;
        show("lost");
      }, WITHOUT_CODE_MS);
      return;
    }
    saidLeft = true;
    const isError = message.event === "ERROR" || Boolean(said.error_message || said.error_code);
    if (isError) end("error", { words: String(said.error_message || "") });
    else end("cancelled", { step: said.current_step });
  };

  // --- Begin ---
  form.hidden = false;
  show("loading");
  addEventListener("message", onMessage);
  button.addEventListener("click", launch);
  loadSdk();
  state = getState();
  state.then(
    () => {
      isKnown = true;
      refresh();
      if (isReady()) show("");
    },
    (error) => complain(error, "unreachable"),
  );
})();
