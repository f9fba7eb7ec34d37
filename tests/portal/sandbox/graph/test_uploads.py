"""Uploading a picture at the practice server, as strict as Graph, also through the desk's own writer."""

from typing import Any

import pytest

from portal.graph import GraphClient, GraphConfig
from portal.graph.errors import GraphError
from portal.graph.writes import GraphWriter
from portal.sandbox.graph.uploads import HANDLE_LIFE, SESSION_LIFE
from tests.pictures import jpeg, png
from tests.portal.sandbox.conftest import Caller, Partner

EDGE = "whatsapp_business_profile"
ANNOUNCED: dict[str, Any] = {"file_name": "p.png", "file_length": len(png()), "file_type": "image/png"}


@pytest.fixture
def partner(start: Partner) -> Caller:
    return start(wabas=1, numbers=3)


@pytest.fixture
def writer(partner: Caller) -> GraphWriter:
    config = GraphConfig(api_url=partner.url, connect_timeout=2, read_timeout=2, total_timeout=3, retries=0)
    return GraphWriter(GraphClient(config, sleep=lambda _: None).transport)


def announce(partner: Caller, **other: Any) -> Any:
    return partner.post(f"{partner.known.app_id}/uploads", {**ANNOUNCED, **other})


def put(partner: Caller, session: str, content: bytes, *, scheme: str = "OAuth", offset: str | None = "0") -> Any:
    headers = {"Authorization": f"{scheme} {partner.known.system_user_token}", "Content-Type": "image/png"}
    headers |= {} if offset is None else {"file_offset": offset}
    return partner.session.post(f"{partner.url}/v25.0/{session}", data=content, headers=headers, timeout=5)


def upload(partner: Caller, writer: GraphWriter, content: bytes, media_type: str = "image/png") -> str:
    token = partner.known.system_user_token
    return writer.upload_picture(partner.known.app_id, token=token, content=content, media_type=media_type)


def set_picture(partner: Caller, handle: object) -> Any:
    return partner.post(
        f"{partner.number()}/{EDGE}", {"messaging_product": "whatsapp", "profile_picture_handle": handle}
    )


def picture(partner: Caller) -> Any:
    return partner.read(f"{partner.number()}/{EDGE}", fields="profile_picture_url")["data"][0].get(
        "profile_picture_url"
    )


def test_a_picture_of_any_size_is_uploaded_and_shown_once_a_profile_names_its_handle(
    partner: Caller, writer: GraphWriter
) -> None:
    large = png(length=5 * 1024 * 1024)
    handles = [upload(partner, writer, large), upload(partner, writer, jpeg(), "image/jpeg")]
    assert picture(partner) is None

    shown = []
    for handle in handles:
        assert set_picture(partner, handle).status_code == 200
        shown.append(picture(partner))

    assert shown[0] != shown[1]


def test_a_session_that_is_lost_on_the_way_is_left_behind_for_a_new_one(partner: Caller, writer: GraphWriter) -> None:
    partner.fault({"close": True}, path_contains="upload:")

    assert set_picture(partner, upload(partner, writer, png())).status_code == 200


def test_an_upload_that_fails_again_is_told_and_leaves_nothing_in_doubt(partner: Caller, writer: GraphWriter) -> None:
    partner.fault({"close": True}, times=2, path_contains="upload:")

    with pytest.raises(GraphError) as caught:
        upload(partner, writer, png())

    assert not caught.value.effect_possible
    assert "upload:" not in str(caught.value), "the session is a secret"


@pytest.mark.parametrize(
    "wrong", [{"file_type": "image/gif"}, {"file_length": 0}, {"file_length": "much"}, {"file_name": ""}], ids=str
)
def test_a_file_that_meta_does_not_take_is_refused_when_it_is_announced(partner: Caller, wrong: dict[str, Any]) -> None:
    assert announce(partner, **wrong).status_code == 400


def test_a_file_that_is_not_as_announced_gets_no_handle_and_the_right_one_does_once(partner: Caller) -> None:
    session = announce(partner).json()["id"]
    for content, other in (
        (png() + b"x", {}),
        (b"x" * len(png()), {}),
        (png(), {"offset": "1"}),
        (png(), {"offset": None}),
        (png(), {"scheme": "Bearer"}),
    ):
        assert put(partner, session, content, **other).status_code in {400, 401}
    assert put(partner, session.partition("?")[0], png()).status_code == 400, "without its signature"

    assert put(partner, session, png()).json()["h"]
    assert put(partner, session, png()).status_code == 400, "it is used up"


def test_handles_and_sessions_end_and_those_of_others_are_refused(partner: Caller) -> None:
    session, other = announce(partner).json()["id"], announce(partner).json()["id"]
    handle = put(partner, other, png()).json()["h"]
    assert set_picture(partner, "4:somebodyelses").json()["error"]["code"] == 100
    assert partner.post(f"{partner.known.business_id}/uploads", ANNOUNCED).status_code == 400, "no app of theirs"

    partner.forward(SESSION_LIFE)
    assert put(partner, session, png()).status_code == 400
    partner.forward(HANDLE_LIFE)
    assert set_picture(partner, handle).status_code == 400
    assert picture(partner) is None
