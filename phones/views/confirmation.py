"""Confirming an action: the page that says what will happen, the POST that has it done once, the message about it.

The page carries a signed token: what is to be done to what, for whom, in which state that was seen, and a key. The key
is used up by the action, so a double click, a reload and a second tab are one action. Of the state the token has a
keyed digest: whoever opens the page can read a token, and the state may name what is another client's.
"""

import json
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from phones.actions.guards import Refusal
from phones.actions.send_once import STALE, NotSentError
from phones.choices import ActionKind, ActionState
from phones.models import Action
from phones.numbers.clocks import CODE_LIFE
from phones.views.history import action_line, shown_by
from phones.views.request import DeskRequest
from portal.rows import row_or_none

SALT = "phones.action"
LIFETIME = timedelta(minutes=30)
FIELD = "confirmation"
LOOKS_ONLY = "Your role may look and not act."
TOO_OLD = "This form was too old, or not made for you. Nothing was sent; please look again."


@dataclass(frozen=True, slots=True)
class ActionChoice:
    """One thing that can be done. `why_not` says why it can't be done now, `until` how long; empty when it can."""

    kind: ActionKind
    label: str
    address: str
    why_not: str = ""
    until: datetime | None = None
    is_dangerous: bool = False


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a token of ours says: the key that the action uses up, and a digest of the state its object was seen in."""

    key: uuid.UUID
    seen: object

    def saw(self, state: Sequence[object]) -> bool:
        return self.seen == _digest_of(state)


def token_for(about: Mapping[str, object], *, seen: Sequence[object] = ()) -> str:
    """A token that is good for just this, once."""
    return signing.dumps({**about, "seen": _digest_of(seen), "key": str(uuid.uuid4())}, salt=SALT)


def _digest_of(state: Sequence[object]) -> str:
    return salted_hmac(SALT, json.dumps([*state])).hexdigest()


def confirmed(
    request: HttpRequest, about: Mapping[str, object], *, within: timedelta | None = None
) -> Confirmed | None:
    """What the form's token says; None unless it is ours, not too old, and about just this."""
    try:
        found = signing.loads(request.POST.get(FIELD, ""), salt=SALT, max_age=within or LIFETIME)
    except signing.BadSignature:
        return None
    if any(found.get(name) != value for name, value in about.items()):
        return None
    return Confirmed(uuid.UUID(found["key"]), found["seen"])


@dataclass(frozen=True, slots=True)
class Question:
    """What `ui/confirm.html` asks before something is done that is not sent to Meta: it needs no token."""

    heading: str
    button: str
    action_url: str
    back: str
    subject: str = ""
    is_dangerous: bool = False
    is_open: bool = True

    @property
    def title(self) -> str:
        return " · ".join(part for part in (self.heading, self.subject) if part)


class Confirmation(ABC):
    """One action on its way from the page that explains it to its outcome. Each kind of page has a subclass.

    The token is good for what `about` says and for the person who opened the page. `seen` is what must still be so when
    they confirm; `again` is the address of the page, `back` the one to go to when it is done.
    """

    template: ClassVar[str]
    success: ClassVar[str] = ""
    about: dict[str, object]
    seen: Sequence[object] = ()
    again: str
    back: str
    # What the page shows.
    heading: str
    button: str
    subject: str = ""
    action_url: str = ""
    is_dangerous: bool = False
    open_action: Action | None = None
    refusal: Refusal | None = None
    may_override: bool = False
    reads: bool = False
    """Whether reading the object leads out of the refusal; `way_out` is label and address of an action that does."""
    way_out: tuple[str, str] | None = None
    code_sent_at: datetime | None = None
    """When the code that is to be typed was sent; None where none is, or it is no longer good."""

    def __init__(self, request: DeskRequest) -> None:
        self.request = request

    @property
    def title(self) -> str:
        return " · ".join(part for part in (self.heading, self.subject) if part)

    @property
    def is_open(self) -> bool:
        """Whether the form is there to be sent. Some people may go beyond some refusals."""
        return self.open_action is None and (self.refusal is None or self.may_override)

    @property
    def code_ends_at(self) -> datetime | None:
        return self.code_sent_at + CODE_LIFE if self.code_sent_at is not None else None

    def respond(self) -> HttpResponse:
        return self.post() if self.request.method == "POST" else self.page()

    def answer(self) -> HttpResponse:
        """At the address that a form is sent to: a GET, of who reloads or returns to it, leads to the form."""
        return self.post() if self.request.method == "POST" else HttpResponseRedirect(self.again)

    def form(self, data: QueryDict | None = None) -> forms.Form:
        return forms.Form(data)

    def context(self) -> dict[str, Any]:
        """What the template shows beside the form and the token."""
        return {}

    def have_approved(self, found: Confirmed, form: Any) -> HttpResponse | None:  # noqa: ARG002 - for subclasses
        """Where a second person has to agree first, the answer to who asks for that; nothing is sent then."""
        return None

    @abstractmethod
    def send(self, found: Confirmed, form: Any) -> Action:
        """Have it done. Raises NotSentError."""

    def page(self, form: forms.Form | None = None, *, status: int = 200) -> HttpResponse:
        form = form or self.form()
        token = token_for({**self.about, "user": self.request.user.pk}, seen=self.seen)
        context = {"form": form, "token": token, "confirmation": self, **self.context()}
        return render(self.request, self.template, context, status=status)

    @sensitive_variables()
    def post(self) -> HttpResponse:
        """Have it done, and go back with a message about the outcome; to the page again when that was out of date."""
        found = confirmed(self.request, {**self.about, "user": self.request.user.pk})
        if found is None:
            messages.error(self.request, TOO_OLD)
            return HttpResponseRedirect(self.again)
        action = row_or_none(Action.objects.filter(key=found.key))
        if action is None:
            if not found.saw(self.seen):
                messages.error(self.request, f"Nothing was sent. {STALE}")
                return HttpResponseRedirect(self.again)
            form = self.form(self.request.POST)
            if not form.is_valid():
                return self.page(form, status=422)
            if (waiting := self.have_approved(found, form)) is not None:
                return waiting
            try:
                action = self.send(found, form)
            except NotSentError as error:
                messages.error(self.request, f"Nothing was sent. {error}")
                return HttpResponseRedirect(self.back)
        report(self.request, action, success=self.success)
        return HttpResponseRedirect(self.after(action))

    def after(self, action: Action) -> str:
        """Where to go then: a wrong code can be typed again at once."""
        is_wrong_code = action.kind == ActionKind.VERIFY_CODE and action.error_kind == "code_rejected"
        return self.again if is_wrong_code else self.back


def report(request: HttpRequest, action: Action, *, success: str = "") -> None:
    """The outcome of `action`, as a message on the next page."""
    what = "Move number" if action.details.get("moves") else action.get_kind_display()
    witness = shown_by(action)
    if action.state == ActionState.SUCCEEDED:
        messages.success(request, success or f"{what}: done.")
    elif action.state == ActionState.UNKNOWN:
        hope = f"{witness} does not show it" if action.closed_at else "reading settles it"
        messages.warning(
            request,
            f"{what}: Meta’s answer was lost, so the desk does not know whether it was done. It is not sent again; "
            f"{hope}.",
        )
    elif action.state in {ActionState.PENDING, ActionState.SENT}:
        messages.info(request, f"{what}: under way. Meta has not answered yet.")
    elif action.settled_by_reading or (why := action_line(action).words) is None:
        messages.error(request, f"{what}: not done. Meta’s answer was lost, and {witness} shows that it was not.")
    else:
        trace = f" (trace {action.fbtrace_id})" if action.fbtrace_id else ""
        said = f" Meta says: “{action.message}”{trace}." if action.message else trace
        messages.error(request, f"{what} failed: {why.title}. {why.what_to_do}{said}")
