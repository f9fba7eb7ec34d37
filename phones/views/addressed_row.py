"""The row that an address or a form names: if the person may see it, or if they may act on it."""

from django.core.exceptions import PermissionDenied
from django.db.models.expressions import Combinable
from django.http import Http404
from django.shortcuts import get_object_or_404

from clients.models import User, Waba
from clients.querysets import ClientsRowsQuerySet, Row, WabaQuerySet
from phones.models import PhoneNumber
from phones.querysets import PhoneNumberQuerySet
from portal.rows import row_or_none


def visible_number(user: User, phone_number_id: str, **annotations: Combinable) -> PhoneNumber:
    """The number with this Graph id, if `user` may see it, annotated. Raises Http404 alike where there is none."""
    rows = _numbers().visible_to(user).annotate(**annotations)
    return get_object_or_404(rows, phone_number_id=graph_id(phone_number_id))


def workable_number(user: User, phone_number_id: str) -> PhoneNumber:
    """The number with this Graph id, for something that `user` is about to do: see `workable_or_404`."""
    return workable_or_404(_numbers(), user, phone_number_id=graph_id(phone_number_id))


def visible_waba(user: User, waba_id: str) -> Waba:
    """The WABA with this Graph id, if `user` may see it. Raises Http404 alike where there is none."""
    return get_object_or_404(_wabas().visible_to(user), waba_id=graph_id(waba_id))


def workable_waba(user: User, waba_id: str) -> Waba:
    """The WABA with this Graph id, for something that `user` is about to do: see `workable_or_404`."""
    return workable_or_404(_wabas(), user, waba_id=graph_id(waba_id))


def workable_or_404(rows: ClientsRowsQuerySet[Row], user: User, **key: object) -> Row:
    """The one of `rows` to act on. Raises Http404 where `user` sees none, PermissionDenied where they may only look."""
    found = row_or_none(rows.workable_by(user).filter(**key))
    if found is not None:
        return found
    if rows.visible_to(user).filter(**key).exists():
        raise PermissionDenied
    raise Http404


def graph_id(text: str) -> str | None:
    """`text` if an id of Graph's may be spelt like that; None, which is nothing's id, otherwise."""
    return text if text.isdecimal() else None


def _numbers() -> PhoneNumberQuerySet:
    shared = ("waba__credential", "waba__last_failure", "waba__subscription", "waba__health")
    return PhoneNumber.objects.select_related("health", "profile", "details", *shared)


def _wabas() -> WabaQuerySet:
    return Waba.objects.select_related(
        "client__owner", "credential", "last_failure", "sync_run", "subscription", "health", "details"
    )
