"""Names that a sync brings are searched for as they are now: read over the practice server's socket."""

import pytest

from clients.models import User, Waba
from tests.conftest import SignIn
from tests.phones.listing.rows import found
from tests.practice import Practice

pytestmark = pytest.mark.django_db


def test_names_that_discovery_brings_or_changes_are_found_by_the_search(
    practice: Practice, team_lead: User, sign_in: SignIn
) -> None:
    practice.already_read()
    waba = Waba.objects.filter(listings__isnull=False).exclude(name="").select_related("client").first()
    assert waba is not None
    numbers = set(waba.listings.values_list("number__phone_number_id", flat=True))
    browser = sign_in(team_lead)

    assert numbers <= found(browser, q=waba.name.upper(), per_page="200")
    assert numbers <= found(browser, q=waba.client.name.upper(), per_page="200")

    Waba.objects.filter(pk=waba.pk).update(name="Çalled so before", folded_name="called so before")
    assert found(browser, q="called so", per_page="200") == numbers
    practice.sync()
    assert numbers <= found(browser, q=waba.name.upper(), per_page="200")
    assert found(browser, q="called so", per_page="200") == set()
