"""One try at a signup as a story: what happened when, what a browser said of it, and why it was not accepted.

Words only. What is true of it is in `clients.signups` and `phones.onboarding`.
"""

from dataclasses import dataclass
from datetime import datetime

from clients.choices import AttemptState
from clients.explanations import Explanation
from clients.models import SignupAttempt, Waba
from phones.choices import Tone
from phones.models import Onboarding
from portal.web.templatetags.desk import day


def _again(title: str, cause: str) -> Explanation:
    return Explanation(title, cause, "client", "The client opens the link again and starts once more.")


REFUSALS: dict[str, Explanation] = {
    "not_configured": Explanation(
        "Our settings are not complete",
        "Without the app’s id and secret no code can be exchanged.",
        "us",
        "An administrator sets META_APP_ID and META_APP_SECRET; then the client starts once more.",
    ),
    "code_expired": _again("The code came too late", "Meta’s code lives for 30 seconds; it took longer to reach us."),
    "code_used": _again("The code was used before", "Meta gives a token for each code once."),
    "code_foreign": Explanation(
        "Meta does not know the code as ours",
        "It was given to another app, or the id and the secret we sent do not belong together.",
        "us",
        "An administrator checks that META_APP_ID, META_APP_SECRET and META_LOGIN_CONFIG_ID are of one app.",
    ),
    "no_token": _again("Meta gave no token for the code", "Its answer did not come, or was an error."),
    "token_invalid": _again("The token was not valid", "Meta gave it and called it invalid right away."),
    "link_closed": Explanation(
        "The link was closed meanwhile",
        "It expired or was revoked while the client was in Meta’s dialog, so the code was not exchanged.",
        "us",
        "Send the client a new link, or claim the account below once discovery has found it.",
    ),
    "interrupted": Explanation(
        "The desk was interrupted",
        "The code came, and the desk stopped before it had stored the token: a restart, or a fault.",
        "client",
        "The client opens the link again and starts once more, or the account is claimed once discovery has found it.",
    ),
    "other_app": Explanation(
        "The token is for another app",
        "What came back was granted to an app that is not ours, so it was not kept.",
        "us",
        "Ask the client how they came to it, and set this aside. It may be an attempt to slip something in.",
    ),
    "other_client": Explanation(
        "The account belongs to another client of the desk",
        "Meta’s dialog shared a WhatsApp Business Account that stands under another client here. Nothing was changed.",
        "us",
        "A team lead looks whether the two are one business. If they are, an administrator moves the account; if not, "
        "the client signs up again with an account of their own. Then set this aside.",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chapter:
    """One line of the story. `is_hearsay`: a browser said it and nobody has checked it."""

    title: str
    at: datetime | None = None
    tone: str = Tone.NONE.value
    text: str = ""
    is_hearsay: bool = False


def refusal_of(attempt: SignupAttempt) -> Explanation | None:
    """Why the desk did not accept what came back; None when it did, or nothing came."""
    if not attempt.refusal:
        return None
    return REFUSALS.get(attempt.refusal) or Explanation(
        f"Not accepted: {attempt.refusal}", "", "us", "An administrator looks at the log."
    )


def story_of(attempt: SignupAttempt, onboardings: list[Onboarding]) -> list[Chapter]:
    link = attempt.link
    by = f" by {link.created_by}" if link.created_by else ""
    story = [Chapter("Link made", link.created_at, text=f"Made{by}, works until {day(link.expires_at)}.")]
    if attempt.created_at > link.created_at:
        story.append(Chapter("Another try on the same link", attempt.created_at))
    if attempt.opened_at:
        story.append(Chapter("Page opened", attempt.opened_at, text="By the browser that this attempt belongs to."))
    if attempt.started_at:
        story.append(Chapter("Meta’s dialog opened", attempt.started_at))
    story += _said(attempt)
    if attempt.state_used_at and attempt.state != AttemptState.LOST:
        story.append(Chapter("Code received", attempt.state_used_at, text="Exchanged at once, and used up."))
    refusal = refusal_of(attempt)
    if refusal is not None:
        story.append(Chapter(refusal.title, attempt.ended_at, Tone.BAD.value, refusal.cause))
    elif attempt.state == AttemptState.LOST:
        text = "The dialog reported its end, but no code came: a closed browser, a lost connection, a blocked callback."
        story.append(Chapter("No code reached us", attempt.ended_at, Tone.BAD.value, text))
    for onboarding in onboardings:
        story += _onboarded(onboarding)
    if attempt.handled_at:
        by = f"by {attempt.handled_by}" if attempt.handled_by else ""
        story.append(Chapter("Dealt with", attempt.handled_at, Tone.OK.value, by))
    return sorted(story, key=lambda chapter: chapter.at or link.created_at)


def _said(attempt: SignupAttempt) -> list[Chapter]:
    """What the page in the client's browser reported of Meta's message events."""
    if not attempt.said_event:
        return []
    event = attempt.said_event
    if event.startswith("FINISH"):
        title, tone = "The dialog said that it was done", Tone.NONE
    elif attempt.said_error or attempt.said_error_code or event == "ERROR":
        title, tone = "The dialog reported an error", Tone.WARN
    else:
        title, tone = "The dialog was left", Tone.WARN
    step = f" At the step {attempt.said_step}." if attempt.said_step else ""
    said = f" “{attempt.said_error}”" if attempt.said_error else ""
    code = f" (code {attempt.said_error_code})" if attempt.said_error_code else ""
    # The code may have come before the message did; the message has no time of its own then.
    at = min(filter(None, (attempt.ended_at, attempt.state_used_at)), default=attempt.started_at)
    return [Chapter(title, at, tone.value, f"{event}.{step}{said}{code}", is_hearsay=True)]


def _onboarded(onboarding: Onboarding) -> list[Chapter]:
    chapters = [Chapter("Onboarding begun", onboarding.created_at)]
    if onboarding.finished_at:
        chapters.append(Chapter("Onboarding finished", onboarding.finished_at, Tone.OK.value))
    elif onboarding.dismissed_at:
        by = f"by {onboarding.dismissed_by}" if onboarding.dismissed_by else "by the desk"
        chapters.append(Chapter("Onboarding closed", onboarding.dismissed_at, Tone.WARN.value, by))
    return chapters


def to_do(attempt: SignupAttempt) -> str:
    """What somebody has to do about an attempt that is left to them."""
    if refusal := refusal_of(attempt):
        return refusal.title
    return "Find the account that came of it" if attempt.state == AttemptState.LOST else "Look what came of it"


def why_offered(waba: Waba, attempt: SignupAttempt) -> str:
    """What points from the attempt to a WABA that may have come of it; empty when only the time does."""
    if waba.waba_id == attempt.said_waba_id:
        return "The browser named this one."
    is_owned = waba.owner_business_id and waba.owner_business_id == attempt.said_business_id
    return "The browser named its business." if is_owned else ""
