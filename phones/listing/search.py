"""A needle of the search box as conditions of the database: on a number, on a WABA, on a client.

Who may see what is not decided here.
"""

from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When

from clients.models import Client, Portfolio, Waba
from phones.listing import search_index
from phones.models import Listing, PhoneNumber
from phones.numbers.search import Needle

# Fewer digits are in the numbers of every client.
_FEWEST_DIGITS = 4


def in_number(needle: Needle, *, indexed: bool) -> Q:
    """The condition "this number's own text, digits or id is meant". `indexed`: SQLite's search table is used."""
    either = Q()
    if long := [text for text in needle.contains if indexed and len(text) >= search_index.SHORTEST]:
        either |= Q(search_index.holds(long))
    for text in needle.contains:
        if text not in long:
            either |= Q(search_text__contains=text)
    for digits in needle.starts:
        either |= digits_start("digits", digits)
    if needle.id_starts:
        either |= digits_start("phone_number_id", needle.id_starts)
    return either


def in_waba(needle: Needle) -> Q:
    """The condition "this WABA is meant, by its name, its client's or its id"."""
    if not needle.name:
        return Q(pk__in=[])
    either = Q(folded_name__contains=needle.name) | Q(client__folded_name__contains=needle.name)
    return either | digits_start("waba_id", needle.id_starts) if needle.id_starts else either


def in_client(needle: Needle) -> Q:
    """The condition "this client is meant": by its name, or one of its WABAs, portfolios or numbers.

    A few digits mean nobody.
    """
    either = Q(pk__in=_clients_with_number(needle)) if _is_number(needle) else Q()
    if needle.name:
        wabas = Q(folded_name__contains=needle.name)
        if needle.id_starts:
            wabas |= digits_start("waba_id", needle.id_starts)
            portfolios = Portfolio.objects.filter(digits_start("business_id", needle.id_starts))
            either |= Q(pk__in=portfolios.order_by().values("client"))
        either |= Q(folded_name__contains=needle.name)
        either |= Q(pk__in=Waba.objects.filter(wabas).order_by().values("client"))
    return either or Q(pk__in=[])


def in_signup(needle: Needle) -> Q:
    """The condition "the client of this signup is meant"."""
    return Q(link__client__in=Client.objects.filter(in_client(needle)).order_by().values("pk"))


def in_pool(needle: Needle) -> Q:
    """The condition "this number of the pool is meant, by its digits or its id"."""
    either = Q()
    for digits in filter(str.isdecimal, needle.contains):
        either |= Q(digits__contains=digits)
    for digits in needle.starts:
        either |= digits_start("digits", digits)
    if needle.id_starts:
        either |= digits_start("preverified_id", needle.id_starts)
    return either or Q(pk__in=[])


def in_event(needle: Needle) -> Q:
    """The condition "this event is about a WABA or a number that is meant". A few digits mean no number."""
    either = Q(waba__in=Waba.objects.filter(in_waba(needle)).order_by().values("pk"))
    if needle.id_starts:
        either |= digits_start("entry_id", needle.id_starts)
    if _is_number(needle):
        numbers = PhoneNumber.objects.filter(in_number(needle, indexed=False))
        either |= Q(number__in=numbers.order_by().values("pk"))
    return either


def numbers_meant(needle: Needle) -> QuerySet[PhoneNumber, Any]:
    """The keys of the numbers that are meant by their own text, digits or id. A few digits mean none."""
    is_text = any(not text.isdecimal() for text in needle.contains)
    found = PhoneNumber.objects.filter(in_number(needle, indexed=False)) if is_text or _is_number(needle) else None
    return (PhoneNumber.objects.none() if found is None else found).order_by().values("pk")


def _is_number(needle: Needle) -> bool:
    longest = max((text for text in (*needle.contains, *needle.starts) if text.isdecimal()), key=len, default="")
    return len(longest) >= _FEWEST_DIGITS


def _clients_with_number(needle: Needle) -> QuerySet[Listing, Any]:
    digits = Needle(tuple(text for text in needle.contains if text.isdecimal()), needle.starts, needle.id_starts)
    numbers = PhoneNumber.objects.filter(in_number(digits, indexed=False)).order_by().values("pk")
    return Listing.objects.current().filter(number__in=numbers).order_by().values("waba__client")


def hidden(condition: Q) -> Case:
    """`condition`, as a test of rows that were found another way."""
    return Case(When(condition, then=Value(value=True)), default=Value(value=False))


def digits_start(field: str, digits: str) -> Q:
    """`field`, which holds digits only, starts with `digits`: as a range, which any index of the column answers."""
    return Q(**{f"{field}__gte": digits, f"{field}__lte": digits + "9" * 50})
