"""What the tests of the pre-verified pool do to it."""

from datetime import datetime
from typing import Any

from portal.sandbox.world.book import credentials
from tests.portal.sandbox.conftest import Caller

BUSINESS = credentials().business_id
SMS = {"code_method": "SMS", "language": "en_US"}
VOICE = {"code_method": "VOICE", "language": "en_US"}
DAY = 86_400
MOBILE = "447700900999"


def added(partner: Caller, digits: str = MOBILE) -> str:
    """The id of a number that was put into the pool."""
    reply = partner.do(f"{BUSINESS}/add_phone_numbers", {"phone_number": digits})
    assert set(reply) == {"id"}
    preverified_id: str = reply["id"]
    return preverified_id


def sent(partner: Caller, preverified_id: str, how: dict[str, str] = SMS) -> str:
    """The code that was sent to a number in the pool."""
    assert partner.do(f"{preverified_id}/request_code", how)["success"] in (True, "true")
    code: str = behind(partner, preverified_id)["code"]
    return code


def verify(partner: Caller, preverified_id: str) -> None:
    """Verify a number in the pool."""
    code = sent(partner, preverified_id, VOICE)
    assert partner.do(f"{preverified_id}/verify_code", {"code": code})["success"] in (True, "true")


def behind(partner: Caller, preverified_id: str) -> Any:
    """What the controls tell of a number in the pool."""
    return partner.control("GET", f"preverified/{preverified_id}")


def in_state(partner: Caller, state: str, place: int = 0) -> str:
    """The id of a number in the pool that was put into this state."""
    preverified_id: str = partner.control("GET", "preverified")["preverified"][place]["id"]
    partner.control("PATCH", f"preverified/{preverified_id}", {"state": state})
    return preverified_id


def status(partner: Caller, preverified_id: str) -> str:
    """The verification status of a number in the pool."""
    found: str = partner.read(preverified_id)["code_verification_status"]
    return found


def listed(partner: Caller, **parameters: Any) -> list[Any]:
    """All the pool's numbers that a listing gives."""
    pages = partner.pages(f"{BUSINESS}/preverified_numbers", **parameters)
    return [each for page in pages for each in page["data"]]


def deleted(partner: Caller, path: str, body: Any = None, token: str | None = None) -> Any:
    """The JSON of a DELETE, with its HTTP status as `status`."""
    headers = {"Authorization": f"Bearer {token or partner.known.system_user_token}"}
    url = f"{partner.url}/v25.0/{path}"
    answer = partner.session.request("DELETE", url, json=body, headers=headers, timeout=10)
    return answer.json() | {"status": answer.status_code}


def moment(value: object) -> float:
    """A time in either of the forms in which the pool gives it, in Unix seconds."""
    if isinstance(value, int):
        return value
    assert isinstance(value, str)
    assert value.endswith("+0000")
    return datetime.fromisoformat(value).timestamp()
