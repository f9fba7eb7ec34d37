"""`manage.py connect --from-csv`: many WABAs by hand, each read from Graph before it is stored."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from clients.models import Waba
from tests.factories import TOKEN
from tests.scripted_graph import ScriptedGraph, answer, graph_error, page

pytestmark = pytest.mark.django_db
FIRST, SECOND = "100200300400500", "100200300400501"


@pytest.fixture
def graph(settings: Settings) -> Iterator[ScriptedGraph]:
    with ScriptedGraph() as server:
        settings.GRAPH_API_URL = server.url
        server.always(page())
        yield server


def run(folder: Path, text: str, *options: str) -> tuple[str, int]:
    path, out, status = folder / "wabas.csv", io.StringIO(), 0
    path.write_text(text)
    try:
        call_command("connect", "--from-csv", str(path), *options, stdout=out, stderr=out)
    except SystemExit as ended:
        status = int(str(ended.code))
    return out.getvalue(), status


def test_each_line_is_read_and_stored_and_one_that_fails_stops_no_other(graph: ScriptedGraph, tmp_path: Path) -> None:
    owner = {"id": "900800700", "name": "Harbor Foods Ltd"}
    graph.script(
        graph_error(190),
        answer({"id": SECOND, "name": "Harbor Bakery", "currency": "EUR", "owner_business_info": owner}),
    )

    said, status = run(tmp_path, f"waba_id,client,token\n{FIRST},Alpha,{TOKEN}\n{SECOND},Harbor,{TOKEN}\n")

    assert status == 1
    assert f"line 2 FAILED {FIRST}: " in said
    assert f"line 3 {SECOND}: Harbor Bakery, under Harbor" in said
    assert said.endswith("lines=2 connected=1 failed=1\n")
    assert TOKEN not in said
    assert [waba.client.name for waba in Waba.objects.all()] == ["Harbor"]


def test_a_dry_run_asks_nobody_and_stores_nothing(graph: ScriptedGraph, tmp_path: Path, alices_waba: Waba) -> None:
    text = f"waba_id,client\n{alices_waba.waba_id},Alpha Bakery\n{SECOND},Harbor\n"

    assert run(tmp_path, text, "--dry-run") == ("lines=2 on_the_desk=1 to_add=1 written=no\n", 0)
    assert graph.requests == []
    assert Waba.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("waba_id\n1\n", "The column client is missing"),
        (f"waba_id,client\n{FIRST},A\n{FIRST},A\n", "stands in an earlier line too"),
        ("waba_id,client\nabc,A\n", "made of digits"),
        (f"waba_id,client\n{FIRST},\n", "names no client"),
    ],
)
def test_a_file_that_is_wrong_on_its_face_stores_nothing(
    graph: ScriptedGraph, tmp_path: Path, text: str, why: str
) -> None:
    with pytest.raises(CommandError, match=why) as refused:
        run(tmp_path, text)
    assert refused.value.returncode == 2
    assert graph.requests == []


def test_a_file_and_one_waba_at_once_are_wrong_use(db: None, tmp_path: Path) -> None:
    for arguments in ([FIRST, "--client", "A", "--from-csv", "x"], [FIRST], ["--client", "A"], ["--dry-run"]):
        with pytest.raises(CommandError) as refused:
            call_command("connect", *arguments)
        assert refused.value.returncode == 2
