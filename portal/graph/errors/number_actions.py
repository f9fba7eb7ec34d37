"""Why Meta refused an action on a number, as types: registering, deregistering, PIN, code, name, adding.

Each stands for one of Meta's codes (the table is in `codes`) and has a `kind` of its own that never changes. Reads
never raise these.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
"""
# ruff: noqa: N818 - each name says what happened; an ending in Error would add nothing to it

from typing import Unpack

from portal.graph.errors import ErrorFacts, GraphError, Scope, Throttled, Transient


class NumberAction(GraphError):
    """Meta refused an action on a number for a reason that has a code of its own, and did nothing unless said here.

    `retry_after` is what `details` asks to wait, for these errors only that: never the quota's figure.
    """

    kind = "number_action"


class PinMismatch(NumberAction):
    """Two-step verification is on and the PIN is not the number's (133005). Every further try counts as a guess."""

    kind = "pin_mismatch"


class NotVerified(NumberAction):
    """The number has to be verified (again) by a code before it can be registered (133006)."""

    kind = "not_verified"


class PinGuessesExceeded(NumberAction):
    """Too many wrong PINs (133008); `details` says how long to wait, in words that are not published."""

    kind = "pin_guesses_exceeded"


class PinTooFast(NumberAction):
    """PINs came too quickly after one another (133009); `details` says how long to wait."""

    kind = "pin_too_fast"


class NotRegistered(NumberAction):
    """The number is not registered on the platform (133010). It never means that it is registered already."""

    kind = "not_registered"


class RecentlyDeleted(NumberAction):
    """The number was deleted a short while ago (133015); Meta's page speaks of some five minutes."""

    kind = "recently_deleted"


class RegistrationLimit(Throttled):
    """More than 10 register or 10 deregister requests for the number in 72 hours (133016): blocked for 72 hours.

    Meta has been seen to flag it as transient; it is not. `retry_after` is None unless `details` gives a time.
    """

    kind = "registration_limit"

    def __init__(self, message: str = "", *, scope: Scope = "number", **facts: Unpack[ErrorFacts]) -> None:
        super().__init__(message, scope=scope, **facts)


class DeregistrationIncomplete(NumberAction):
    """An earlier deregistration did not finish (133000): the number is half-way, so an effect is possible.

    Reading the number shows where it stands; Meta's advice is to deregister again, then to register.
    """

    kind = "deregistration_incomplete"

    def _leaves_doubt(self) -> bool:
        return True


class ServerUnavailable(Transient):
    """Meta's registration servers are out of order for a while (133004)."""

    kind = "server_unavailable"


class CertificateError(NumberAction):
    """There is no certificate for the number and its name, or a wrong one (131045, 100/2388001).

    100/2388001 comes for a name that is not provisioned yet and for a number that is still on another WhatsApp account;
    only the localised texts in `user_title` and `user_message` tell the two apart.
    """

    kind = "certificate_error"


class CodeRequestFailed(NumberAction):
    """No code was sent (136024). The subcode says more, where there is one.

    2388091            it could not be sent: try once more later, or by the other method; has lasted for days
    2388367, 2494158   codes were asked for too often: a long wait, of a length that Meta does not publish

    A number that is verified already gets the same code, with nothing to tell it by: read `code_verification_status`.
    """

    kind = "code_request_failed"


class CodeRejected(NumberAction):
    """The code is wrong, used or too old (136025, often with subcode 2388093); Meta does not say which."""

    kind = "code_rejected"


class CoexistenceRefused(NumberAction):
    """The number belongs to the WhatsApp Business app, which registers it itself.

    Known by 136025 in answer to register or deregister, or by 100 or 136025 with Meta's word SMB in its message or
    details. Not known by it, and so another error: a refusal whose text comes without that word, and the 100 "Missing
    Permission" that numbers with `platform_type` ON_PREMISE get, which is a plain `BadRequest`. `is_on_biz_app` is the
    thing to look at before asking.
    """

    kind = "coexistence_refused"


class NumberNotAdded(NumberAction):
    """The WABA does not take the number: the app is not a partner's (200000), or it has too many (200/1349175)."""

    kind = "number_not_added"


class CallingNotOffered(NumberAction):
    """Calls can't be switched on for this number (138015): most often its messaging limit is below 2,000."""

    kind = "calling_not_offered"


class CallingNotReady(NumberAction):
    """Calls can't be switched on before an app that gets the WABA's events asks for the field `calls` (138018)."""

    kind = "calling_not_ready"


class CallbackRefused(NumberAction):
    """The address did not answer Meta's handshake with the challenge (2200), and nothing was set."""

    kind = "callback_refused"


class GenericRegistrationFailure(NumberAction):
    """Meta could not do it and does not say why (135000)."""

    kind = "generic_registration_failure"


class AlreadyUnregistered(NumberAction):
    """The number to deregister is not registered (100/2207051)."""

    kind = "already_unregistered"
