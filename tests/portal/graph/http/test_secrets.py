"""Tokens, proofs and secrets are in no text that leaves this package, whatever Meta echoes."""

import hashlib
import hmac
import logging
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.graph import GraphClient, GraphConfig, GraphError
from portal.graph.errors import BadAnswer
from portal.graph.errors.redaction import Redactor
from tests.portal.graph.conftest import MakeClient
from tests.scripted_graph import Answer, ScriptedGraph, body, graph_error, raw, reset

TOKEN = "TOKENSENTINEL0123456789"
APP_SECRET = "SECRETSENTINEL0123456789"
CUSTOMER = "CUSTOMERSENTINEL|0123456789"
PROOF = hmac.new(APP_SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
SENTINELS = (TOKEN, APP_SECRET, CUSTOMER, quote(CUSTOMER, safe=""), PROOF)


def echo() -> str:
    return " ".join(SENTINELS) + f" https://graph.facebook.com/v25.0/1?access_token={TOKEN}&after=x"


ECHOES: list[Answer] = [
    graph_error(
        190,
        message=echo(),
        error_user_title=echo(),
        error_user_msg=echo(),
        error_data={"details": echo()},
        fbtrace_id=TOKEN,
    ),
    graph_error(100, message=echo(), error_data=echo()),
    body(echo().encode(), content_type="text/html"),
    raw(b"HTTP/1.1 200 OK\r\nX: 1\r\nbroken line\r\nContent-Length: 2\r\n\r\n{}"),
    raw(f"HTTP/9 {echo()}\r\n\r\n".encode()),
    reset(),
    body(b"", status=302, headers={"Location": f"https://evil.example/?access_token={TOKEN}"}),
]


@pytest.mark.parametrize("echoed", ECHOES)
def test_no_secret_is_in_an_error_or_in_the_log(
    graph: ScriptedGraph, make_client: MakeClient, caplog: pytest.LogCaptureFixture, echoed: Answer
) -> None:
    graph.script(echoed)
    with caplog.at_level(logging.DEBUG, logger="urllib3"), pytest.raises(GraphError) as caught:
        make_client(app_secret=APP_SECRET).debug_token(CUSTOMER, token=TOKEN)

    told = f"{caught.value} {caught.value!r} {vars(caught.value)} {caplog.text}"
    assert "urllib3" in caplog.text, "the library's own records are part of this test"
    for sentinel in SENTINELS:
        assert sentinel not in told


def test_the_librarys_records_show_a_path_without_its_query(
    graph: ScriptedGraph, client: GraphClient, caplog: pytest.LogCaptureFixture
) -> None:
    graph.script(graph_error(190))
    with caplog.at_level(logging.DEBUG, logger="urllib3"), pytest.raises(GraphError):
        client.debug_token(CUSTOMER, token=TOKEN)

    assert '"GET /v25.0/debug_token?… HTTP/1.1" 400' in caplog.text


def test_no_secret_is_in_the_representation_of_a_configuration() -> None:
    assert APP_SECRET not in repr(GraphConfig(app_secret=APP_SECRET))
    assert APP_SECRET not in repr(GraphClient(GraphConfig(app_secret=APP_SECRET)))


def test_an_error_shows_no_query(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(graph_error(1, message="see https://graph.facebook.com/v25.0/1?fields=name&x=secret for more"))

    with pytest.raises(GraphError) as caught:
        client.phone_number("1", token=TOKEN)

    assert caught.value.message == "see https://graph.facebook.com/v25.0/1?[redacted] for more"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Malformed access token EAAGm0PX4ZCpsBAKZCZD", "Malformed access token [redacted]"),
        ("app token 400000000000001|AbCdEfGhIjKlMnOpQrSt", "app token [redacted]"),
        ("access_token=abc&fields=x", "access_token=[redacted]&fields=x"),
        ('{"access_token": "abc", "a": 1}', '{"access_token": "[redacted]", "a": 1}'),
        (r"{\"access_token\": \"abc\"}", r"{\"access_token\": \"[redacted]\"}"),
        ("APPSECRET_PROOF=00ff", "APPSECRET_PROOF=[redacted]"),
        ("x%3Faccess_token%3Dabc", "x%3Faccess_token%3D[redacted]"),
        ("Authorization: Bearer abcdefghijkl", "Authorization: Bearer [redacted]"),
        ("https:\\/\\/graph.facebook.com\\/x?a=b", "https:\\/\\/graph.facebook.com\\/x?[redacted]"),
        ("Invalid OAuth access token signature", "Invalid OAuth access token signature"),
        ("(#100) Param limit: must be 1", "(#100) Param limit: must be 1"),
        ("two\nlines\x00\x1b[31m\u2028here", "two lines [31m here"),
        (None, ""),
        (["a"], ""),
    ],
)
def test_what_looks_like_a_secret_is_hidden_and_the_rest_is_kept(said: object, shown: str) -> None:
    assert Redactor([]).clean(said, 500) == shown


@pytest.mark.parametrize(
    "spelled",
    [
        r"""a/b"c&d'ä e""",
        "a%2Fb%22c%26d%27%C3%A4%20e",
        "a%2Fb%22c%26d%27%C3%A4+e",
        "a/b&quot;c&amp;d&#x27;ä e",
        r"""a/b\"c&d'ä e""",
        r"""a\/b\"c&d'\u00e4 e""",
    ],
)
def test_a_secret_is_known_in_other_spellings(spelled: str) -> None:
    assert Redactor(["""a/b"c&d'ä e"""]).clean(f"<{spelled}>", 500) == "<[redacted]>"


def test_hostile_text_is_cleaned_quickly() -> None:
    redactor = Redactor([TOKEN])

    for piece in ("https://", "access_token", "EAA", "Bearer ", "1|", "\\" * 7 + '"', TOKEN, "\x00"):
        assert len(redactor.clean(piece * (2**20 // len(piece)), 500)) <= 500


secrets = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789|-_.~%+/=", min_size=12, max_size=300)


@given(secret=secrets, before=st.text(max_size=700), between=st.text(max_size=20), after=st.text(max_size=50))
def test_a_known_secret_is_never_shown(secret: str, before: str, between: str, after: str) -> None:
    said = f"{before}{secret}{between}{quote(secret, safe='')}{after}"

    shown = Redactor([secret, "", secret[:6]]).clean(said, 1000)

    assert secret not in shown
    assert quote(secret, safe="") not in shown
    assert len(shown) <= 1000


@given(st.text(st.characters(categories=["L", "N"]), min_size=10, max_size=200), st.integers(0, 600))
def test_a_secret_is_not_left_in_part_where_a_text_is_cut(secret: str, at: int) -> None:
    shown = Redactor([secret]).clean("." * at + secret, 500)

    assert shown.strip(".") in {"", "[redacted]"[: max(500 - at, 0)]}


def test_a_bad_answer_is_shown_in_one_line(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(body(b"<html>\r\n<script>alert(1)</script>\n", content_type="text/html"))

    with pytest.raises(BadAnswer) as caught:
        client.phone_number("1", token=TOKEN)

    assert caught.value.excerpt == "<html> <script>alert(1)</script>"
