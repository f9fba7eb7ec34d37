"""A partner with enough WABAs that they come many in one call, and what of the calls a test looks at."""

from typing import Any

from clients.models import SyncRun
from phones.models import Change, PhoneNumber
from tests.practice import Practice

# Twenty is the least, and a test has five of them read by themselves.
WABAS = 26
TOGETHER = "phone_numbers.limit"


def sync(book: Practice) -> SyncRun:
    """A sync of everything, alone in the log of calls."""
    book.control("POST", "log/clear")
    return book.sync()


def together(book: Practice) -> list[Any]:
    """The calls that asked for WABAs with their numbers."""
    return [call for call in book.calls("_accounts") if TOGETHER in call["query"].get("fields", "")]


def read_by_itself(book: Practice) -> set[str]:
    """The WABAs (Graph's ids) whose numbers were asked for from the start in a call of their own."""
    return {call["path"].split("/")[2] for call in book.calls("/phone_numbers") if "after" not in call["query"]}


def empty(book: Practice) -> set[str]:
    return {waba["id"] for waba in book.wabas() if not waba["phone_number_ids"]}


def full(book: Practice) -> list[str]:
    """The WABAs with numbers, those with most of them first."""
    return [waba["id"] for waba in book.wabas() if waba["phone_number_ids"]]


def picture() -> object:
    columns = ("phone_number_id", "status", "verified_name", "quality_rating", "missing_since", "waba")
    return list(PhoneNumber.objects.order_by("pk").values_list(*columns)), Change.objects.count()


def in_order(run: SyncRun) -> tuple[int, int, int]:
    return run.read, run.failed, run.wabas
