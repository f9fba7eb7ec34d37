"""Message links and QR codes of a number: the list as last read, and making, changing, deleting, printing one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients import roles
from clients.explanations import Explanation, explain
from phones.actions import guards, situations
from phones.actions.message_links import MessageLinkRequest
from phones.actions.number import fingerprint, perform
from phones.choices import ActionKind, Source
from phones.models import Action, MessageLinks, PhoneNumber
from phones.sync.message_links import read_message_links
from phones.views.addressed_row import visible_number, workable_number
from phones.views.confirmation import Confirmation, Confirmed
from phones.views.profile_fields import LinesField
from phones.views.request import DeskRequest
from portal.web.qr_code import qr_code

# Meta's page on QR codes: of a message, and of one number.
LONGEST_MESSAGE, MOST_LINKS = 140, 2_000
SHOWN = 200
_UNREAD = guards.Refusal("The desk does not know yet which links there are: read them first.")
_FULL = guards.Refusal(f"A number has {MOST_LINKS} links at most: delete one first.")


@dataclass(frozen=True, slots=True)
class MessageLink:
    code: str
    message: str
    address: str

    @property
    def opens(self) -> bool:
        """Whether its address is one that pages may link to and draw: Meta says it, and it goes into a browser."""
        return self.address.startswith("https://")


@dataclass(frozen=True, slots=True)
class LinkSheet:
    """The links as last read, and why the latest reading brought nothing, where it did not."""

    links: list[MessageLink]
    read_at: datetime | None = None
    source: str = ""
    why_not: Explanation | None = None
    tried_at: datetime | None = None


class MessageForm(forms.Form):
    message = LinesField(
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea({"rows": 3}),
        label="Message",
        help_text="It stands in the chat, ready to be sent, when people open the link. Up to 140 characters.",
    )

    def __init__(self, data: QueryDict | None = None, *, before: str = "") -> None:
        super().__init__(data, initial={"message": before})
        self.before = before

    def clean_message(self) -> str:
        message: str = self.cleaned_data["message"]
        if message == self.before:
            raise forms.ValidationError("The link says this already.")
        return message


@require_safe
def message_links(request: DeskRequest, phone_number_id: str) -> HttpResponse:
    number = visible_number(request.user, phone_number_id)
    sheet = sheet_of(number)
    context = {
        "number": number,
        "sheet": sheet,
        "links": sheet.links[:SHOWN],
        "more": max(0, len(sheet.links) - SHOWN),
        "may_change": roles.may_change(request.user),
    }
    return render(request, "number/message_links.html", context)


@require_POST
def read_links(request: DeskRequest, phone_number_id: str) -> HttpResponse:
    """Read the links at Meta now, and go back to their page."""
    number = workable_number(request.user, phone_number_id)
    failure = read_message_links(number=number, user=request.user)
    if failure is None:
        messages.success(request, "The message links were read from Meta just now.")
    else:
        why = explain(failure.kind, failure.code, failure.subcode, failure.http_status)
        messages.error(request, f"The message links could not be read: {why.title}. {why.what_to_do}")
    return HttpResponseRedirect(reverse("phones:message-links", args=[phone_number_id]))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def make_link(request: DeskRequest, phone_number_id: str) -> HttpResponse:
    return OnLink(request, phone_number_id, ActionKind.MESSAGE_LINK).respond()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change_link(request: DeskRequest, phone_number_id: str, code: str) -> HttpResponse:
    return OnLink(request, phone_number_id, ActionKind.CHANGE_MESSAGE_LINK, code).respond()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delete_link(request: DeskRequest, phone_number_id: str, code: str) -> HttpResponse:
    return OnLink(request, phone_number_id, ActionKind.DROP_MESSAGE_LINK, code).respond()


@require_safe
def print_link(request: DeskRequest, phone_number_id: str, code: str) -> HttpResponse:
    """One link as a QR code on a sheet of paper."""
    number = visible_number(request.user, phone_number_id)
    link = _link_of(number, code)
    drawn: SafeString | str = qr_code(link.address) if link.opens else ""
    return render(request, "number/message_link_print.html", {"number": number, "link": link, "code": drawn})


def sheet_of(number: PhoneNumber) -> LinkSheet:
    row: MessageLinks | None = getattr(number, "message_links", None)
    if row is None:
        return LinkSheet([])
    why_not = explain(row.error_kind, row.code, row.subcode, row.http_status) if row.error_kind else None
    links = [MessageLink(one["code"], one["message"], one["address"]) for one in row.links]
    return LinkSheet(links, row.read_at, Source(row.read_by).label, why_not, row.tried_at)


def _link_of(number: PhoneNumber, code: str) -> MessageLink:
    found = next((link for link in sheet_of(number).links if link.code == code), None)
    if found is None:
        raise Http404
    return found


class OnLink(Confirmation):
    """One link on its way to be made, changed or deleted; `code` names it, empty for one that is to be made."""

    template = "number/message_link.html"

    def __init__(self, request: DeskRequest, phone_number_id: str, kind: ActionKind, code: str = "") -> None:
        super().__init__(request)
        self.number, self.kind = workable_number(request.user, phone_number_id), kind
        self.sheet = sheet_of(self.number)
        self.link = _link_of(self.number, code) if code else None
        self.again, self.back = request.path, reverse("phones:message-links", args=[phone_number_id])
        records = situations.records_of(self.number)
        situation = situations.situation_from(self.number, kind, records, kept=None)
        self.refusal = guards.refusal(kind, situation, now=timezone.now()) or self._unfit()
        self.open_action = next((one for one in records if one.closed_at is None), None)
        self.about = {"number": self.number.pk, "kind": kind.value, "code": code}
        self.seen = fingerprint(self.number, kind)
        self.heading = self.button = str(kind.label)
        self.subject, self.is_dangerous = str(self.number), kind == ActionKind.DROP_MESSAGE_LINK

    def _unfit(self) -> guards.Refusal | None:
        if self.sheet.read_at is None:
            return _UNREAD
        is_full = self.kind == ActionKind.MESSAGE_LINK and len(self.sheet.links) >= MOST_LINKS
        return _FULL if is_full else None

    def form(self, data: QueryDict | None = None) -> forms.Form:
        if self.kind == ActionKind.DROP_MESSAGE_LINK:
            return forms.Form(data)
        return MessageForm(data, before=self.link.message if self.link is not None else "")

    def context(self) -> dict[str, Any]:
        return {"number": self.number, "link": self.link, "kind": self.kind}

    def send(self, found: Confirmed, form: forms.Form) -> Action:
        message = form.cleaned_data.get("message", "")
        details: dict[str, Any] = {"message": message} if message else {}
        if self.link is not None:
            details |= {"code": self.link.code, "before": self.link.message}
        else:
            details["alike"] = sum(link.message == message for link in self.sheet.links)
        request = MessageLinkRequest(
            key=found.key,
            kind=self.kind,
            number=self.number,
            user=self.request.user,
            details=details,
            seen=[*self.seen],
        )
        return perform(request)
