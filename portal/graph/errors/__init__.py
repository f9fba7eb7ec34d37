"""What can go wrong when Graph is asked, as types.

The errors of any call and of a signup's code are here, those that only actions on a number meet in `number_actions`.
`codes` says which of Meta's codes means which error, `verdicts` judges a whole answer, `redaction` cleans Meta's words.
The sentences in an error are Meta's, already redacted and cut, or our own. What to do about one is the caller's affair.
"""
# ruff: noqa: N818 - each name says what happened; an ending in Error would add nothing to it

from datetime import timedelta
from typing import ClassVar, Literal, TypedDict, Unpack

Scope = Literal["app", "waba", "number"]
Reason = Literal["dns", "proxy", "refused", "tls", "timeout", "closed"]


class ErrorFacts(TypedDict, total=False):
    """What every error may carry besides its message."""

    code: int | None
    subcode: int | None
    http_status: int | None
    user_title: str
    user_message: str
    details: str
    fbtrace_id: str
    is_transient: bool
    retry_after: timedelta | None
    method: str
    path: str
    changes: bool


class GraphError(Exception):
    """A call to Graph that gave no usable answer. `str()` of it holds no token, no secret and no query: safe to log.

    `code`, `subcode`     Meta's numbers, None where the answer had none
    `http_status`         None when no answer came
    `message`             at most 500 characters
    `user_title`, `user_message`, `details`   Meta's texts for people, in the viewer's language; empty when absent
    `fbtrace_id`          what Meta's support asks for; empty when absent
    `is_transient`        Meta's own flag, not our judgement
    `retry_after`         how long Meta says to wait; None when it did not say
    `method`, `path`      the call, without its query
    """

    kind: ClassVar[str] = "graph_error"

    def __init__(self, message: str = "", **facts: Unpack[ErrorFacts]) -> None:
        super().__init__(message)
        self.message = message
        self.code = facts.get("code")
        self.subcode = facts.get("subcode")
        self.http_status = facts.get("http_status")
        self.user_title = facts.get("user_title", "")
        self.user_message = facts.get("user_message", "")
        self.details = facts.get("details", "")
        self.fbtrace_id = facts.get("fbtrace_id", "")
        self.is_transient = facts.get("is_transient", False)
        self.retry_after = facts.get("retry_after")
        self.method = facts.get("method", "GET")
        self.path = facts.get("path", "")
        self._changes = facts.get("changes", self.method != "GET")

    def __str__(self) -> str:
        code = None if self.code is None else f"code {self.code}"
        if code and self.subcode is not None:
            code += f"/{self.subcode}"
        status = None if self.http_status is None else f"HTTP {self.http_status}"
        trace = f"trace {self.fbtrace_id}" if self.fbtrace_id else None
        call = f"{self.method} {self.path}" if self.path else None
        where = ", ".join(part for part in (code, status, call, trace) if part)
        text = f"{self.kind} ({where})" if where else self.kind
        return f"{text}: {self.message}" if self.message else text

    @property
    def effect_possible(self) -> bool:
        """Whether what was asked for may have happened all the same; never for a read.

        `exchange_code` is no read, though a GET: it uses up the code.

        False when nothing left this machine, or when Graph itself answered that it did not do it: an error with a code
        that has a meaning of its own, or any code with an HTTP status of 4xx. True whenever that is not certain, and
        only reading the number can settle it:

        - the answer was lost, or is not Graph's (a gateway's page, a redirect, an error without a code), or is a
          success that does not say so;
        - a code of the transient class (1, 2, 131000, 131016, 131057, 133004), whatever the HTTP status: Meta's servers
          report it for a step that failed, which may come after the one that counts, and send it with 400 as readily
          as with 500;
        - an unknown code with another status than 4xx;
        - 133000, by which Meta says that the number is half-way.

        An exception that is no `GraphError` (a shutdown, say) leaves it open too.
        """
        return self._changes and self._leaves_doubt()

    def _leaves_doubt(self) -> bool:
        return False


class TokenDead(GraphError):
    """The token is expired, revoked or no token at all: nothing works with it until someone renews it."""

    kind = "token_dead"


class AppRefused(GraphError):
    """Meta refuses our app itself, whatever is asked: a setting of ours or of the app's at Meta is wrong."""

    kind = "app_refused"


class AppSecretWrong(AppRefused):
    """The app secret that signs the calls is not that of the app which the token belongs to, or is missing."""

    kind = "app_secret_wrong"


class AddressNotAllowed(AppRefused):
    """The app takes calls from certain addresses only, and ours is none of them."""

    kind = "address_not_allowed"


class PermissionMissing(GraphError):
    """The token is alive but may not do this. `field_name` is the asked field Meta names as the cause, or empty."""

    kind = "permission_missing"

    def __init__(self, message: str = "", *, field_name: str = "", **facts: Unpack[ErrorFacts]) -> None:
        super().__init__(message, **facts)
        self.field_name = field_name


class NotVisible(GraphError):
    """Deleted, no longer shared, not an asset of this token, or another kind of object: Meta does not say which."""

    kind = "not_visible"


class Throttled(GraphError):
    """Too many calls. `scope` says whose budget the code stands for: the app's, the WABA's or the number's.

    `is_apps_limit`: the answer itself shows that the whole app's budget is used up. Without, a code of the app's may
    have been meant for what was asked alone.
    """

    kind = "throttled"

    def __init__(
        self, message: str = "", *, scope: Scope, is_apps_limit: bool = False, **facts: Unpack[ErrorFacts]
    ) -> None:
        super().__init__(message, **facts)
        self.scope: Scope = scope
        self.is_apps_limit = is_apps_limit

    def _leaves_doubt(self) -> bool:
        return self.code is None  # not Graph's word, but that of something in between


class Transient(GraphError):
    """Meta's servers had a bad moment; the same call may succeed later."""

    kind = "transient"

    def _leaves_doubt(self) -> bool:
        return True


class TooMuchData(GraphError):
    """The read asks for more than Meta gives at once: the same call again is no help, a smaller page is."""

    kind = "too_much_data"


class BadRequest(GraphError):
    """Meta does not accept the call as we put it."""

    kind = "bad_request"


class UnknownField(BadRequest):
    """A field or an edge was asked for that the node does not have.

    `field_name` and `node_type` (the kind of node that Meta found under the id) are empty when Meta named none.
    """

    kind = "unknown_field"

    def __init__(
        self, message: str = "", *, field_name: str = "", node_type: str = "", **facts: Unpack[ErrorFacts]
    ) -> None:
        super().__init__(message, **facts)
        self.field_name = field_name
        self.node_type = node_type


class BadCursor(BadRequest):
    """A paging cursor is not valid any more."""

    kind = "bad_cursor"


class AccountState(GraphError):
    """The account is locked, blocked for policy, or has no way to pay: a person has to act."""

    kind = "account_state"


class UnknownError(GraphError):
    """An error of Meta's that none of the other classes stands for."""

    kind = "unknown"

    def _leaves_doubt(self) -> bool:
        return self.code is None or self.http_status is None or not 400 <= self.http_status < 500


class Unreachable(GraphError):
    """No answer came. `sent` tells whether the request may have reached Meta; `reason` what stood in the way."""

    kind = "unreachable"

    def __init__(self, message: str = "", *, reason: Reason, sent: bool, **facts: Unpack[ErrorFacts]) -> None:
        super().__init__(message, **facts)
        self.reason: Reason = reason
        self.sent = sent

    def _leaves_doubt(self) -> bool:
        return self.sent


class DeadlineExceeded(GraphError):
    """The time allowed for the call or for the whole unit of work is used up; `sent` as in `Unreachable`."""

    kind = "deadline_exceeded"

    def __init__(self, message: str = "", *, sent: bool, **facts: Unpack[ErrorFacts]) -> None:
        super().__init__(message, **facts)
        self.sent = sent

    def _leaves_doubt(self) -> bool:
        return self.sent


class BadAnswer(GraphError):
    """Something answered, but not as Graph answers. `excerpt` is the body's start, redacted, up to 1,000 characters."""

    kind = "bad_answer"

    def __init__(self, message: str = "", *, excerpt: str = "", **facts: Unpack[ErrorFacts]) -> None:
        super().__init__(message, **facts)
        self.excerpt = excerpt

    def _leaves_doubt(self) -> bool:
        return True


class PagingLoop(BadAnswer):
    """A listing came back to a cursor it had been at before."""

    kind = "paging_loop"


class TooManyPages(BadAnswer):
    """A listing did not end within the allowed number of pages."""

    kind = "too_many_pages"
