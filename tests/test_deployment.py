"""The files in deploy/ start what docs/operations.md says, with settings that there are."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from phones.views.operations.page import TITLES
from tests.processes.installation import documented

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
PARTS = {"web": "gunicorn", "worker": "celery -A portal worker", "scheduler": "celery -A portal beat"}
# What the containers of others and the shell take.
NOT_OURS = {"PATH", "PYTHONUNBUFFERED", "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"}


def command_of(part: str) -> str:
    return " ".join(documented(PARTS[part]))


@pytest.mark.parametrize("part", PARTS)
def test_each_way_to_deploy_starts_a_part_with_the_documented_command(part: str) -> None:
    unit = (DEPLOY / "systemd" / f"numberdesk-{part}.service").read_text()
    compose = (DEPLOY / "compose.yaml").read_text()
    kubernetes = (DEPLOY / "kubernetes.yaml").read_text()

    assert f"ExecStart=/opt/numberdesk/.venv/bin/{command_of(part)}\n" in unit
    assert f"\n    command: {command_of(part)}\n" in compose
    assert f"command: [{', '.join(command_of(part).split())}]" in kubernetes


def test_whatever_ends_is_started_again() -> None:
    units = [(DEPLOY / "systemd" / f"numberdesk-{part}.service").read_text() for part in PARTS]
    desk, *others = (DEPLOY / "compose.yaml").read_text().split("\nservices:\n")[0:2]

    assert all("\nRestart=always\n" in unit and "\nStartLimitIntervalSec=0\n" in unit for unit in units)
    assert "\n  restart: always\n" in desk
    assert others[0].count("\n    restart: always\n") == len(["proxy", "postgres", "redis"])


def test_workers_keep_no_connection_wherever_they_run() -> None:
    assert "\nEnvironment=CONN_MAX_AGE=0\n" in (DEPLOY / "systemd" / "numberdesk-worker.service").read_text()
    assert 'CONN_MAX_AGE: "0"' in (DEPLOY / "compose.yaml").read_text()
    assert 'env: [{name: CONN_MAX_AGE, value: "0"}]' in (DEPLOY / "kubernetes.yaml").read_text()


def test_every_setting_in_the_files_is_one_that_the_desk_reads() -> None:
    known = set(re.findall(r"^# ([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)) | NOT_OURS
    named = set()
    for path in (path for path in DEPLOY.rglob("*") if path.is_file()):
        named |= set(re.findall(r"\b([A-Z]+_[A-Z_]+|BIND|PATH)[=:] ?[^ ]", path.read_text()))

    assert {"BIND", "STATE_DIR", "TRUSTED_PROXIES"} <= named
    assert {name for name in named if not name.startswith("PIP_")} - known == set()


def test_the_image_holds_the_code_and_nothing_that_is_not_asked_for() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    let_in = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = set(re.findall(r"^COPY (?!--)(\S+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE))

    assert "*" in ignored
    assert let_in == copied
    assert {"portal", "clients", "phones", "templates", "static", "locale"} <= copied
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="There is no systemd here.")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for unit in (DEPLOY / "systemd").iterdir():
        # It wants to see the programs where they are.
        text = unit.read_text().replace("/opt/numberdesk/.venv/bin", str(Path(sys.executable).parent))
        (tmp_path / unit.name).write_text(text)

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_dashboard_and_alerts_ask_for_figures_that_there_are() -> None:
    told = {f"numberdesk_{name}" for name in TITLES} | {
        f"numberdesk_request_seconds{part}" for part in ("_bucket", "_count", "_sum")
    }
    alerts, dashboard = ((DEPLOY / "monitoring" / name).read_text() for name in ("alerts.yaml", "grafana.json"))

    assert set(re.findall(r"numberdesk_\w+", alerts)) <= told
    assert {f"numberdesk_{name}" for name in TITLES} <= set(re.findall(r"numberdesk_\w+", dashboard)) <= told
    assert json.loads(dashboard)["title"] == "Numberdesk"


def test_what_the_page_of_operations_calls_wrong_is_an_alert_by_the_same_name() -> None:
    judged = re.findall(r'return Trouble\(\s*"(\w+)"', (ROOT / "phones/figures/judgement.py").read_text())
    alerts = re.findall(r"- alert: (\w+)", (DEPLOY / "monitoring" / "alerts.yaml").read_text())

    assert set(judged) <= set(alerts)
    assert len(judged) == 8
