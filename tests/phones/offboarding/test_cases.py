"""Which case of a number goes on for whom."""

from clients.choices import Role
from clients.clients import move_waba
from phones.models import PhoneNumber
from phones.offboarding import cases
from phones.views.leaving import case_of_number
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
