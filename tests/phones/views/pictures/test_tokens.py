"""What hangs on a token, for those who see every client."""

import re

from clients.models import User, Waba
from phones.models import PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_number, make_waba
from tests.phones.reading import shown_to


def test_a_lead_sees_what_stops_when_a_token_dies_and_whose_it_is(
    alices_number: PhoneNumber, alices_waba: Waba, team_lead: User, sign_in: SignIn
) -> None:
    token = alices_waba.credential
    assert token is not None
    make_number(make_waba(credential=token), status="PENDING", platform_type="NOT_APPLICABLE")

    page = shown_to(team_lead, f"/tokens/?token={token.pk}", sign_in)

    row = re.search(rf">{token.label}</a>(.*?)</tr>", page)
    assert row
    assert re.findall(r'<td class="num[^"]*">(?:<b>)?(\d+)', row[1]) == ["2", "2", "2", "1"]
    assert str(alices_waba.client) in page
    assert "style=" not in page


def test_an_account_manager_may_not_look(account_manager: User, sign_in: SignIn) -> None:
    assert sign_in(account_manager).get("/tokens/").status_code == 403
