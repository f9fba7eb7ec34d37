"""A whole running portal with practice data, as `make run` starts it, and a Chromium to look at it with."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from playwright.sync_api import Browser, sync_playwright

from tests.migrated import migrated
from tests.servers import free_port

START_SECONDS = 120  # a few where nothing else runs
PASSWORD = "numberdesk-demo"
NO_CHROMIUM = "Chromium is not installed here. (Debian: apt-get install chromium-headless-shell)"


def chromium_binary() -> str | None:
    """The system's Chromium; where there is one without windows and menus of its own, that: it takes half the time."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@dataclass(frozen=True, slots=True)
class Desk:
    """A running portal, the practice Graph server that it reads, and what it has logged."""

    address: str
    graph: str
    log: Path

    def practice(self, method: str, path: str, body: Any = None) -> Any:
        """Call one of the practice server's controls."""
        answer = requests.request(method, f"{self.graph}/_practice/{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()


@contextlib.contextmanager
def running_desk() -> Iterator[Desk]:
    """A portal that has read all practice numbers; its tables were made before."""
    with tempfile.TemporaryDirectory(prefix="numberdesk-browser-") as folder:
        shutil.copytree(migrated(), Path(folder) / "practice")  # where practice data is kept
        port = free_port()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        log = Path(folder) / "log"
        with log.open("wb") as output:
            server = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(port)],
                cwd=settings.BASE_DIR,
                env={**kept, "STATE_DIR": folder, "LOG_LEVEL": "WARNING", "PAGES_A_MINUTE": "0"},
                stdout=output,
                stderr=output,
            )
        try:
            _wait_until_read(f"http://127.0.0.1:{port}", server, log)
            found = re.search(r"practice Graph server at (\S+)\. ", log.read_text())
            assert found is not None, log.read_text()
            yield Desk(f"http://127.0.0.1:{port}", found[1], log)
        finally:
            server.terminate()
            server.wait(20)


def _wait_until_read(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the first sync is over: the practice people are there and a tick has run."""
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:
            if answer.status == 200 and b"Sign in as" in log.read_bytes():
                return
        time.sleep(0.2)  # another process starts; there is no event to wait for
    raise RuntimeError(log.read_text(errors="replace"))


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium that looks nothing up on its own."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_binary(), args=[*quiet, "--disable-component-update", "--disable-sync"]
        )
        yield browser
        browser.close()
