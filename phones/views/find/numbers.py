"""The numbers that the look-up finds: by digits in any notation, by the last of them, by id, by a name of now or then.

One statement. Its candidates come through the indexes of the search box, a bounded count of them, and the few that fit
best are chosen from these: among a million numbers three digits are in a hundred thousand, and nobody means those.
"""

from collections.abc import Sequence
from functools import reduce
from operator import or_

from django.db.models import Case, IntegerField, Q, Value, When
from django.urls import reverse

from clients import roles
from clients.models import User
from phones.listing import search, search_index
from phones.models import PhoneNumber
from phones.numbers.search import Needle
from phones.querysets import PhoneNumberQuerySet
from phones.views.find.found import EXACT, HOLDS, STARTS, Found
from phones.views.find.kinds import MOST_OF_A_KIND, NUMBER
from portal.folding import fold

_CANDIDATES = 500


def search_numbers(user: User, needles: Sequence[Needle], typed: str) -> list[Found]:
    """The few numbers that `user` may see and that fit best. `typed` is folded."""
    candidates = _candidates(user, needles)
    if candidates is None:
        return []
    digits = sorted({text for needle in needles for text in (*needle.contains, *needle.starts) if text.isdecimal()})
    numbers = (
        PhoneNumber.objects.filter(pk__in=candidates.order_by().values("pk")[:_CANDIDATES])
        .select_related("waba__client")
        .annotate(fit=_fit(digits, needles))
        .order_by("fit", "digits", "pk")[:MOST_OF_A_KIND]
    )
    return [_found(number, user, typed) for number in numbers]


def _candidates(user: User, needles: Sequence[Needle]) -> PhoneNumberQuerySet | None:
    """The numbers that are meant by all of `needles`. None where no index can find them: too little is typed."""
    rows = PhoneNumber.objects.visible_to(user)
    indexed = [needle for needle in needles if _is_indexed(needle)]
    if not indexed:
        only = needles[0] if len(needles) == 1 else Needle()
        starts = [text for text in (*only.starts, *only.contains) if text.isdecimal()]
        return rows.filter(reduce(or_, (search.digits_start("digits", each) for each in starts))) if starts else None
    # One needle finds them and the others are tested on what it found: reading the index for each costs more.
    rarest = max(indexed, key=_rarity)
    for needle in needles:
        rows = rows.filter(search.in_number(needle, indexed=needle is rarest and search_index.is_ready(rows.db)))
    return rows


def _rarity(needle: Needle) -> tuple[bool, int]:
    """Digits are in fewer numbers than words are, and a long text in fewer than a short one."""
    texts = (*needle.contains, *needle.starts, needle.id_starts)
    return any(text.isdecimal() for text in texts), max(map(len, texts))


def _is_indexed(needle: Needle) -> bool:
    """Whether an index finds it: all of its texts have three letters or more, or digits begin the number or the id."""
    long = all(len(text) >= search_index.SHORTEST for text in needle.contains)
    return long and bool(needle.contains or needle.starts or needle.id_starts)


def _fit(digits: Sequence[str], needles: Sequence[Needle]) -> Case:
    ids = [needle.id_starts for needle in needles if needle.id_starts]
    ends = Q()
    for each in digits:
        ends |= Q(digits__endswith=each) | Q(digits__startswith=each)
    fits = [When(Q(digits__in=digits) | Q(phone_number_id__in=ids), then=Value(EXACT))]
    if digits:
        fits.append(When(ends, then=Value(STARTS)))
    return Case(*fits, default=Value(HOLDS), output_field=IntegerField())


def _found(number: PhoneNumber, user: User, typed: str) -> Found:
    fit: int = number.fit  # type: ignore[attr-defined] # annotated above
    name = fold(number.verified_name or "")
    if fit == HOLDS and name and name.startswith(typed):
        fit = STARTS
    return Found(
        kind=NUMBER.name,
        key=number.phone_number_id,
        label=NUMBER.label,
        icon=NUMBER.icon,
        title=str(number),
        address=reverse(NUMBER.route, args=[number.phone_number_id]),
        detail=" · ".join(_details(number, user, typed)),
        fit=fit,
    )


def _details(number: PhoneNumber, user: User, typed: str) -> list[str]:
    """Its name; the former one that was typed, where that is why it is found; its client, where `user` sees that."""
    details = [number.verified_name or ""]
    if typed and typed not in fold(details[0]):
        former = next((str(name) for name in number.former_names if typed in fold(str(name))), "")
        details.append(f"once “{former}”" if former else "")
    client = number.waba.client
    if roles.sees_everything(user) or client.is_looked_after_by(user):
        details.append(client.name if fold(client.name) != fold(details[0]) else "")
    return [detail for detail in details if detail]
