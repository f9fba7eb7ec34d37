"""What the documents on security name is there: tests, settings, tables, times."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from portal import outgoing, patience
from portal.allauth_settings import OidcProvider, allauth_settings
from portal.broker_settings import cache_settings, celery_settings
from portal.graph.http.config import GraphConfig
from portal.shared_cache import LEFT_ALONE_SECONDS
from portal.web_worker import LANES

ROOT = Path(__file__).resolve().parent.parent
# Of levels 1, 2 and 3.
CHOSEN = {
    "1.2.1", "1.2.4", "3.3.1", "3.4.1", "3.5.1", "3.5.3", "6.3.1", "7.2.4", "7.4.1", "7.4.2", "8.2.1",
    "8.2.2", "14.2.1", "15.3.1", "1.3.6", "2.3.2", "2.3.3", "2.3.4", "2.4.1", "3.3.3", "3.4.3", "3.4.4",
    "3.4.5", "3.4.6", "3.7.2", "4.1.3", "6.3.8", "7.3.1", "7.3.2", "7.4.5", "8.4.1", "10.1.2", "10.2.1",
    "11.3.3", "13.2.4", "13.3.1", "13.4.2", "14.2.6", "14.3.2", "15.3.2", "15.3.3", "15.4.2", "16.2.5", "16.3.1",
    "16.3.2", "16.4.1", "16.5.1", "16.5.2", "16.5.3", "1.2.10", "1.3.12", "2.3.5", "13.1.3", "13.2.6", "13.3.4",
}  # fmt: skip
OIDC_SECONDS = allauth_settings(
    is_https=True, is_plain_local=False, fresh_minutes=1, provider=OidcProvider("", "", "", "")
)["SOCIALACCOUNT_REQUESTS_TIMEOUT"]
# Settings that are no secrets, though their names or values look it.
_NO_SECRETS = {"PUBLIC_URL", "GRAPH_API_URL", "META_SDK_URL", "OIDC_CLIENT_ID"}


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse(text_of(path))
    return {found.name for found in ast.walk(tree) if isinstance(found, ast.FunctionDef)}


def lines_of_asvs() -> dict[str, list[str]]:
    """Each line of the table by its number, with the cells behind it."""
    rows = [row.strip("|").split("|") for row in text_of("docs/asvs.md").splitlines() if re.match(r"\| \d", row)]
    found = {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in rows}
    assert len(found) == len(rows), "a line stands twice"
    return found


def test_each_chosen_line_of_asvs_says_whether_it_is_met_and_names_tests_that_there_are() -> None:
    lines = lines_of_asvs()
    assert set(lines) == CHOSEN
    for number, (_asked, met, how, named) in lines.items():
        assert met in {"yes", "partly"}, number
        assert how, number
        assert met == "yes" or ("*The operator’s*:" in how and "*The desk’s*:" in how), number
        tests = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", named)
        assert tests, number
        assert re.sub(r"`[^`]+`|\s", "", named) == "", f"{number} names something that is no test"
        for path, name in tests:
            assert (ROOT / path).is_file(), f"{number}: {path}"
            assert name in names_in(path), f"{number}: {path}::{name}"


def test_the_page_on_privacy_says_of_every_table_whether_it_holds_data_of_people() -> None:
    named = re.findall(r"`([a-z]+\.[A-Z]\w+)`", text_of("docs/privacy.md").split("Beside the database")[0])
    tables = {model._meta.label for model in apps.get_models()}

    assert sorted(named) == sorted(set(named)), "a table stands twice"
    assert set(named) == tables


def test_how_to_change_it_is_written_of_every_secret_that_settings_read() -> None:
    names = re.findall(r"^# ([A-Za-z_]+)=", text_of(".env.example"), re.MULTILINE)
    secrets = {
        name
        for name in names
        if re.search(r"SECRET|TOKEN|KEYS?$|_URL$|PROXY$|DSN$", name) and not name.startswith("NO_")
    } - _NO_SECRETS

    assert {name for name in secrets if f"`{name}`" not in text_of("docs/secrets.md")} == set()


def test_the_times_of_outgoing_connections_are_those_of_the_code() -> None:
    meta, cache_options = GraphConfig(), cache_settings("redis://x", prefix="")["OPTIONS"]
    broker = celery_settings(has_redis=True, prefix="")["CELERY_BROKER_TRANSPORT_OPTIONS"]
    table = text_of("docs/hardening.md").partition("| to | at most |")[0]
    written = {row.split("|")[1].strip(): row for row in table.splitlines() if "|" in row}

    def numbers(row: str) -> list[float]:
        return [float(number) for number in re.findall(r"\d+(?= s\b| MiB| more)", written[row])]

    assert numbers("Meta, one call") == [
        *(meta.connect_timeout, meta.read_timeout, meta.total_timeout),
        *(meta.max_body_bytes / 2**20, meta.retries),
    ]
    assert numbers("Meta, while a person waits") == [patience.PERSON_SECONDS]
    assert numbers("a channel") == [outgoing.SECONDS] * 2
    assert numbers("the mail server") == [settings.EMAIL_TIMEOUT] * 2
    assert numbers("the provider of single sign-on") == [OIDC_SECONDS] * 2
    assert numbers("Redis, as cache and from `/readyz`") == [
        *(cache_options["socket_connect_timeout"], cache_options["socket_timeout"]),
        LEFT_ALONE_SECONDS,
    ]
    assert numbers("Redis, as broker") == [broker["socket_connect_timeout"], broker["socket_timeout"]]


def test_the_numbers_of_outgoing_connections_are_those_of_the_code() -> None:
    table = text_of("docs/hardening.md").partition("| to | at most |")[2]
    written = {row.split("|")[1].strip(): re.findall(r"\d+", row) for row in table.splitlines() if row.count("|") == 4}
    cached, broker = cache_settings("redis://x", prefix="")["OPTIONS"], celery_settings(has_redis=True, prefix="")

    assert written["Meta"] == [str(GraphConfig().pool_size), str(settings.SYNC_THREADS)]
    assert written["PostgreSQL"][:1] == [str(sum(LANES.values()))]
    assert written["Redis, as cache"] == [str(cached["max_connections"]), str(cached["timeout"])]
    assert written["Redis, as broker"] == [str(broker["CELERY_BROKER_POOL_LIMIT"])]


def test_the_table_of_drills_names_tests_that_there_are() -> None:
    table = text_of("tests/drills/__init__.py")
    named = re.findall(r"tests/[\w/]+\.py", table)
    named += [f"tests/drills/{name}" for name in re.findall(r"(?<![\w/])\w+\.py", table)]
    drills = {f"tests/drills/{path.name}" for path in (ROOT / "tests" / "drills").glob("test_*.py")}

    assert [path for path in named if not (ROOT / path).is_file()] == []
    assert drills <= set(named), "a drill stands in no line"


@pytest.mark.parametrize(
    "name", ["SECURITY.md", *(f"docs/{page}.md" for page in ("security", "asvs", "secrets", "hardening", "privacy"))]
)
def test_links_between_these_pages_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", text_of(name)):
        assert ((ROOT / name).parent / target).is_file(), f"{name}: {target}"
