"""A statement that is put in words once finds what a queryset finds."""

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from clients.models import Client
from portal.kept_statement import KeptStatement
from tests.factories import make_client

pytestmark = pytest.mark.django_db


def test_it_finds_the_row_that_meets_the_whole_condition_and_asks_in_djangos_words() -> None:
    alpha, beta = make_client("Alpha"), make_client("Beta")
    rows = Client.objects.annotate(called=F("name")).exclude(name="Nobody")
    kept = KeptStatement(lambda: rows, name="", id__gte=0)

    with CaptureQueriesContext(connection) as captured:
        found = [kept.row(id__gte=alpha.pk, name=name) for name in ("Alpha", "Beta", "Gamma")]
        by_django = list(rows.filter(name="Beta", id__gte=alpha.pk))

    assert [each and each.pk for each in found] == [alpha.pk, beta.pk, None]
    assert [vars(each) | {"_state": None} for each in by_django] == [vars(found[1]) | {"_state": None}]
    assert kept.row(id__gte=beta.pk, name="Alpha") is None
    words = [one["sql"].partition(" WHERE ")[0] for one in captured.captured_queries]
    assert len(set(words)) == 1
