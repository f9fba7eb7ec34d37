"""What changed over a book as CSV and Excel: a line a happening, in the order of the page."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from phones.changes.happenings import HappeningInWords
from phones.views.changes.page import ChangesPage
from phones.views.request import DeskRequest
from portal.web.files import Lines, columns_asked, lines_of

_PIECE = 500

COLUMNS: Mapping[str, Callable[[HappeningInWords], object]] = {
    "at": lambda one: one.happening.at,
    "way": lambda one: "worse, and better again" if one.happening.is_over else one.happening.verdict.direction.value,
    "phone_number": lambda one: one.numbers[0].display if len(one.numbers) == 1 else "",
    "phone_number_id": lambda one: " ".join(number.phone_number_id for number in one.numbers),
    "client": lambda one: one.place and one.place.client,
    "waba_id": lambda one: one.place and one.place.waba_id,
    "waba_name": lambda one: one.place and one.place.name,
    "changes": lambda one: "; ".join(line.sentence for line in one.lines),
    "source": lambda one: one.sources,
    "by": lambda one: one.by,
}


def read(request: DeskRequest, *, guard: bool) -> tuple[list[str], Iterable[Lines]]:
    """The columns and the lines of a file of what the address asks for."""
    columns = columns_asked(COLUMNS, request.GET.getlist("columns"))
    return columns, _pieces(ChangesPage(request.GET, request.user), columns, guard=guard)


def _pieces(found: ChangesPage, columns: list[str], *, guard: bool) -> Iterator[Lines]:
    for start in range(0, len(found.matching), _PIECE):
        yield lines_of(found.found.in_words(found.matching[start : start + _PIECE]), COLUMNS, columns, guard=guard)
