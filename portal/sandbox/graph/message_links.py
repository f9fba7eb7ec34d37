"""``/<PHONE_NUMBER_ID>/message_qrdls``: short links and QR codes that open a chat with a message filled in.

From Meta's page on QR codes and short links. A link keeps its code when its message is changed. What Graph says to a
message that is too long, or to a code that there is not, is not documented: code 100 with a sentence is this server's
choice.
"""

import json
from hashlib import sha256
from itertools import count
from string import ascii_uppercase

from portal.sandbox.graph import access, errors, reading
from portal.sandbox.graph.calls import Call, success
from portal.sandbox.graph.paging import limit_of
from portal.sandbox.http.messages import Values
from portal.sandbox.world.world import Node, Number

EDGE = "message_qrdls"
ONE = f"{EDGE}/*"
MOST, LONGEST = 2_000, 140
_FIELDS = ("code", "prefilled_message", "deep_link_url")
_LETTERS = f"{ascii_uppercase}234567"


def show(call: Call, node: Node) -> Values:
    """The reply of the GET of all links, the newest first. A cursor is the place where the next page begins."""
    number = access.number_to_act_on(call, node)
    reading.charge(call, number)
    wanted = [name for name in call.parameters.get("fields", ",".join(_FIELDS)).split(",") if name]
    if unknown := next((name for name in wanted if name not in (*_FIELDS, "qr_image_url")), None):
        raise errors.unknown_field(unknown, "MessageQRDL")
    found, limit = _links(number)[::-1], limit_of(call.parameters.get("limit"))
    after = call.parameters.get("after", "0")
    if not after.isdigit():
        raise errors.bad_parameter("The cursor is not one of this endpoint")
    start, end = int(after), int(after) + limit
    paging: Values = {"cursors": {"before": after, "after": str(end)}}
    if end < len(found):
        paging["next"] = f"https://{call.request.host}{call.request.path}?after={end}"
    data = [{name: each[name] for name in wanted if name in each} for each in found[start:end]]
    return {"data": data, "paging": paging} if data else {"data": []}


def put(call: Call, node: Node) -> Values:
    """The reply of the POST, which makes a link, or changes the one whose ``code`` is given."""
    number = access.number_to_act_on(call, node)
    message, code = call.request.value("prefilled_message"), call.request.value("code")
    if not isinstance(message, str) or not 1 <= len(message) <= LONGEST:
        raise errors.bad_parameter(f"Param prefilled_message must be at most {LONGEST} characters long")
    links = _links(number)
    if code is not None:
        link = next((each for each in links if each["code"] == code), None)
        if link is None:
            raise errors.bad_parameter("Param code must be the code of a QR code of this phone number")
        link["prefilled_message"] = message
    else:
        if len(links) >= MOST:
            raise errors.bad_parameter(f"A phone number has at most {MOST} QR codes")
        link = _made(number, message, links)
        links.append(link)
    _keep(call, number, links, "message_link_changed" if code is not None else "message_link_made")
    return {**link}


def delete(call: Call, node: Node) -> Values:
    """The reply of the DELETE of one link."""
    number = access.number_to_act_on(call, node)
    code = call.request.path.rpartition("/")[2]
    links = _links(number)
    left = [each for each in links if each["code"] != code]
    if len(left) == len(links):
        raise errors.missing(code, "DELETE")
    _keep(call, number, left, "message_link_deleted")
    return success(number)


def _links(number: Number) -> list[dict[str, str]]:
    kept = number.own.get(EDGE)
    return [dict(each) for each in json.loads(kept)] if isinstance(kept, str) else []


def _keep(call: Call, number: Number, links: list[dict[str, str]], kind: str) -> None:
    call.world.change_number(number, {EDGE: json.dumps(links)})
    call.world.record(kind, phone_number_id=number.id)


def _made(number: Number, message: str, links: list[dict[str, str]]) -> dict[str, str]:
    """A link with a code that none of `links` has."""
    taken, code = {each["code"] for each in links}, ""
    for draw in count(len(links)):
        drawn = sha256(f"{number.id} {draw} {message}".encode()).digest()
        code = "".join(_LETTERS[each % 32] for each in drawn[:14])
        if code not in taken:
            break
    return {"code": code, "prefilled_message": message, "deep_link_url": f"https://wa.me/message/{code}"}
