"""/<WABA_ID>/assigned_users and …/solutions, and the rule of a portfolio for signing in."""

from tests.portal.sandbox.conftest import Caller


def test_people_are_told_of_the_business_that_is_named_and_of_no_other(practice: Caller) -> None:
    waba = practice.wabas()[0]
    edge = f"{waba['id']}/assigned_users"

    (user,) = practice.read(edge, business=practice.known.business_id)["data"]

    assert "MANAGE" in user["tasks"]
    assert practice.read(edge, business="1")["data"] == []
    assert practice.error(edge)["code"] == 100
    assert practice.error(f"{waba['phone_number_ids'][0]}/assigned_users", business="1")["code"] == 100
    assert practice.read(f"{waba['id']}/solutions")["data"] == []
    assert practice.values(practice.known.business_id, "two_factor_type")[0] in {
        *("none", "admin_required", "all_required"),
    }
