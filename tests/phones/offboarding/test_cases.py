"""Which case of a number goes on for whom."""

import pytest

from clients.choices import Role
from clients.clients import move_waba
from phones.models import Offboarding, PhoneNumber
from phones.offboarding import cases
from phones.views.leaving import case_of_number
from portal import stopping
from tests.factories import make_client, make_number, make_person


def test_a_number_that_another_client_has_now_leaves_them_by_a_case_of_their_own(db: None) -> None:
    lead, number = make_person("tess", Role.TEAM_LEAD), make_number()

    def shown() -> int | None:
        found = PhoneNumber.objects.annotate(**case_of_number(lead)).get()
        key: int | None = found.case_key  # type: ignore[attr-defined] # annotated
        return key

    former = cases.begin(client=number.waba.client, number=number, reason="", actor=lead)
    assert shown() == former.pk
    move_waba(waba=number.waba, to=make_client(), actor=lead)
    assert shown() is None

    case = cases.begin(client=number.waba.client, number=number, reason="", actor=lead)

    assert case != former
    assert shown() == case.pk


def test_a_case_that_is_deleted_while_it_waits_its_turn_keeps_no_other_from_being_looked_at(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = make_person("tess", Role.TEAM_LEAD)
    first, second = (
        cases.begin(client=number.waba.client, number=number, reason="", actor=lead)
        for number in (make_number(), make_number())
    )
    Offboarding.objects.update(looked_at=None)

    def delete_the_first() -> bool:
        first.steps.all().delete()
        Offboarding.objects.filter(pk=first.pk).delete()
        return False

    monkeypatch.setattr(stopping, "is_asked", delete_the_first)
    cases.observe_due()

    second.refresh_from_db()
    assert second.looked_at is not None
