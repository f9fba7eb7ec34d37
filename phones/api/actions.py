"""What can be done through the API: to numbers and WABAs at Meta, and readings.

Each POST that changes something at Meta carries an Idempotency-Key. The same key with the same request gives the action
that it began, and sends nothing; with another request it is refused. The explicit body takes the place of the page that
asks people to confirm; the guards are those of the pages, and none is overridden.
"""

import json
import re
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Literal, cast

from django.core.exceptions import PermissionDenied
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables
from phonenumbers import national_significant_number
from pydantic import AfterValidator, BaseModel, Field, SecretStr

from clients import roles
from clients.choices import RunScope, TokenScope
from clients.models import Client, SyncRun, Waba
from phones import waking
from phones.actions import own_readings, pins, settle
from phones.actions.guards import LEADS_DECIDE_WHERE
from phones.actions.number import HARMFUL, NumberRequest, needs_lead, needs_second_person, perform
from phones.actions.options import CODE_LANGUAGES, DATA_LOCALIZATION_REGIONS, LONGEST_NAME, SHORTEST_NAME
from phones.actions.waba import AddNumberRequest
from phones.actions.waba import add_number as add_number_to
from phones.api import profiles
from phones.api.access import ApiRequest
from phones.api.problems import ProblemError, invalid
from phones.api.setting_bodies import SETTING_BODIES, Body
from phones.choices import ActionKind, ActionState
from phones.models import Action, PhoneNumber
from phones.numbers import callbacks, username
from phones.numbers.profile import LONGEST, MOST_WEBSITES, VERTICALS
from phones.sync import runs
from phones.views.addressed_row import workable_number, workable_or_404, workable_waba
from phones.views.forms import PhoneNumberForm
from portal.rows import row_or_none
from portal.web.addresses import row_key

# Where a request's digest stands among the details of its action. Keyed: it is of a body that may hold a PIN.
_REQUEST = "api_request"
_KEYS = uuid.UUID("5b0b6b9e-6a51-4c0e-9f43-6d1f7a1f0c3e")


def _six_digits(given: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[0-9]{6}", given.get_secret_value(), re.ASCII):
        raise ValueError("Six digits.")
    return given


SixDigits = Annotated[
    SecretStr, AfterValidator(_six_digits), Field(json_schema_extra={"pattern": "^[0-9]{6}$", "maxLength": 6})
]
_NAME = Field(min_length=SHORTEST_NAME, max_length=LONGEST_NAME, pattern=r"^[^\x00-\x1f\x7f]*$")
_LANGUAGES = tuple(language for language, _ in CODE_LANGUAGES)
_REGIONS = tuple(region for region, _ in DATA_LOCALIZATION_REGIONS)


class RequestCode(Body):
    code_method: Literal["SMS", "VOICE"]
    language: Literal[_LANGUAGES] = "en_US"  # type: ignore[valid-type] # made of a table


class VerifyCode(Body):
    code: SixDigits


class Register(Body):
    """Without `pin` it is the one that the desk keeps, or one that it makes up where the number has none."""

    pin: SixDigits | None = None
    data_localization_region: Literal[_REGIONS] | None = None  # type: ignore[valid-type] # likewise


class Deregister(Body):
    """The last four digits prove that this number is meant."""

    last_digits: str = Field(pattern="^[0-9]{4}$")


class SetPin(Body):
    """Without `pin` the desk makes one up and keeps it."""

    pin: SixDigits | None = None


class DisplayName(Body):
    new_display_name: str = _NAME


class Profile(Body):
    """What is left out stays. An empty text takes away what there is, but for `about`; so does an empty list."""

    about: str | None = Field(None, max_length=LONGEST["about"])
    description: str | None = Field(None, max_length=LONGEST["description"])
    vertical: Literal[tuple(VERTICALS)] | None = None  # type: ignore[valid-type] # likewise
    address: str | None = Field(None, max_length=LONGEST["address"])
    email: str | None = Field(None, max_length=LONGEST["email"])
    websites: list[str] | None = Field(None, max_length=MOST_WEBSITES)


class Username(Body):
    username: str = Field(min_length=username.SHORTEST, max_length=username.LONGEST)


class DropUsername(Body):
    """Somebody else may get it then."""


class NumberCallback(Body):
    """Where the number's messages are sent; empty: to the callback of its WABA, or else of the app."""

    callback_url: str = Field(max_length=callbacks.LONGEST)
    verify_token: SecretStr | None = Field(None, max_length=1024)


class AddNumber(Body):
    phone_number: str = Field(max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$", description="With its country code: +34 …")
    verified_name: str = _NAME


class StartRun(Body):
    """What is to be read: everything, one client by its id, or one WABA by its Graph id."""

    scope: Literal["everything", "client", "waba"]
    id: str = Field("", pattern="^[0-9]{0,30}$")


NUMBER_BODIES: dict[ActionKind, type[Body]] = {
    ActionKind.REQUEST_CODE: RequestCode,
    ActionKind.VERIFY_CODE: VerifyCode,
    ActionKind.REGISTER: Register,
    ActionKind.DEREGISTER: Deregister,
    ActionKind.SET_PIN: SetPin,
    ActionKind.DISPLAY_NAME: DisplayName,
    ActionKind.PROFILE: Profile,
    ActionKind.USERNAME: Username,
    ActionKind.DROP_USERNAME: DropUsername,
    **SETTING_BODIES,
    ActionKind.NUMBER_CALLBACK: NumberCallback,
}


@sensitive_variables()
def act_on_number(request: ApiRequest, phone_number_id: str, kind: ActionKind, key: str, body: Body) -> Action:
    """Have it done once. Raises Http404, PermissionDenied, NotSentError and ProblemError."""
    number = workable_number(request.user, phone_number_id)
    if kind in HARMFUL and request.auth.token.scope != TokenScope.WORK_ALL:
        raise PermissionDenied("This token may not deregister numbers, set PINs or callbacks.")
    if needs_lead(kind) and not roles.runs_the_desk(request.user):
        raise PermissionDenied(LEADS_DECIDE_WHERE)
    if isinstance(body, Deregister) and not number.digits.endswith(body.last_digits):
        raise invalid("last_digits", "These are not the last four digits of this number.")

    def send(own_key: uuid.UUID, digest: str) -> Action:
        if needs_second_person(kind):
            raise ProblemError(
                HTTPStatus.CONFLICT, "second-person", "A second person has to agree: ask on the number’s page."
            )
        return perform(_request_for(request, number, kind, body, key=own_key, digest=digest))

    return _once(request, key, body, send)


@sensitive_variables()
def add_number(request: ApiRequest, waba_id: str, key: str, body: AddNumber) -> Action:
    """Add a number to a WABA, once. Raises the same."""
    waba = workable_waba(request.user, waba_id)
    form = PhoneNumberForm({"phone_number": body.phone_number})
    if not form.is_valid():
        raise invalid("phone_number", " ".join(map(str, form.errors["phone_number"])))
    number = form.cleaned_data["phone_number"]

    def send(own_key: uuid.UUID, digest: str) -> Action:
        return add_number_to(
            AddNumberRequest(
                key=own_key,
                waba=waba,
                user=request.user,
                details={_REQUEST: digest},
                cc=str(number.country_code),
                phone_number=national_significant_number(number),
                verified_name=body.verified_name,
            )
        )

    return _once(request, key, body, send)


def refresh(request: ApiRequest, phone_number_id: str) -> Action:
    """Read the number at Meta now. Raises Http404 and PermissionDenied."""
    number = workable_number(request.user, phone_number_id)
    return settle.refresh(number=number, user=request.user)


def start_run(request: ApiRequest, body: StartRun) -> SyncRun:
    """The run to follow: a new one, or the open one that covers all of it. Raises ProblemError, Http404 and so on."""
    client: Client | None = None
    waba: Waba | None = None
    if body.scope == "client":
        client = workable_or_404(Client.objects.all(), request.user, pk=row_key(body.id))
    elif body.scope == "waba":
        waba = workable_waba(request.user, body.id)
    elif not roles.runs_the_desk(request.user):
        raise PermissionDenied
    try:
        run = runs.start(scope=RunScope(body.scope), user=request.user, client=client, waba=waba)
    except runs.NothingToReadError as error:
        raise ProblemError(HTTPStatus.CONFLICT, "nothing-to-read", str(error)) from None
    waking.wake()
    return run


@sensitive_variables()
def _once(request: ApiRequest, key: str, body: Body, send: Callable[[uuid.UUID, str], Action]) -> Action:
    """What `send` does, or the action that the same request with this key began. Raises ProblemError for another one.

    A key is the token's own. What was refused by a guard was not recorded: the same key may be used again.
    """
    own_key = uuid.uuid5(_KEYS, f"{request.auth.token.pk}:{key}")
    digest = _digest_of(request, body)
    done = row_or_none(Action.objects.filter(key=own_key)) or send(own_key, digest)
    if done.details.get(_REQUEST) != digest:
        detail = "This Idempotency-Key began something else. Use a new one for each thing that is to be done."
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "key-reused", detail)
    return done


@sensitive_variables()
def _digest_of(request: ApiRequest, body: Body) -> str:
    plain = {name: _opened(value) for name, value in body}
    said = json.dumps([request.path, plain], sort_keys=True)
    return salted_hmac("api-request", said, algorithm="sha256").hexdigest()


@sensitive_variables()
def _request_for(
    request: ApiRequest, number: PhoneNumber, kind: ActionKind, body: Body, *, key: uuid.UUID, digest: str
) -> NumberRequest:
    given = {name: _opened(value) for name, value in body}
    pin = given.pop("pin", None) or ""
    code = given.pop("code", None) or ""
    given.pop("last_digits", None)
    if kind in {*own_readings.KINDS, ActionKind.NUMBER_CALLBACK}:
        details = profiles.details_of(request, number, kind, given)
    else:
        details = {name: value for name, value in given.items() if value}
    keeps = kind == ActionKind.REGISTER and not pin and pins.known(number) is not None
    return NumberRequest(
        key=key,
        kind=kind,
        number=number,
        user=request.user,
        details={**details, _REQUEST: digest},
        pin=pin,
        generate_pin=not pin and not keeps,
        code=code,
        verify_token=given.get("verify_token") or "",
    )


def _opened(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, list):
        return [_opened(one) for one in value]
    return value.model_dump() if isinstance(value, BaseModel) else value


def insist_on_outcome(action: Action) -> HTTPStatus:
    """200 for what was done, 202 while the outcome is not known. Raises ProblemError for what Meta refused."""
    if action.state == ActionState.SUCCEEDED:
        return HTTPStatus.OK
    if action.state != ActionState.FAILED:
        return HTTPStatus.ACCEPTED
    meta = {name: value for name, value in action.error_columns.items() if name != "retry_at"}
    retry_at = action.retry_at.isoformat() if action.retry_at else None
    detail = action.message or "Meta did not do it."
    raise ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "not-done",
        detail,
        action=action.pk,
        meta={**meta, "retry_at": retry_at},
    )


def of(request: Any) -> ApiRequest:
    """A request whose token was looked at."""
    return cast("ApiRequest", request)
