"""The client or number that a form of the book is about, for who may work on it."""

from dataclasses import dataclass

from django.http import Http404
from django.urls import reverse

from clients.models import Client, User
from phones.listing.rows import rows_of
from phones.models import PhoneNumber
from phones.views.addressed_row import workable_number, workable_or_404


@dataclass(frozen=True, slots=True)
class Subject:
    """A client, or a number with the client on whose behalf `user` works on it; and where its page is."""

    client: Client
    number: PhoneNumber | None
    page: str

    @property
    def row(self) -> Client | PhoneNumber:
        return self.number or self.client

    def __str__(self) -> str:
        return str(self.row)


def client_subject(user: User, pk: int) -> Subject:
    client = workable_or_404(Client.objects.select_related("owner", "cover"), user, pk=pk)
    return Subject(client, None, reverse("phones:client", args=[pk]))


def number_subject(user: User, phone_number_id: str) -> Subject:
    number = workable_number(user, phone_number_id)
    rows = rows_of([number], user)
    if not rows:
        raise Http404  # it moved out of sight meanwhile
    return Subject(rows[0].waba.client, number, reverse("phones:number", args=[phone_number_id]))
