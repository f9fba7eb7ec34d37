"""`manage.py serve`: the whole portal on this machine, as `make run` starts it."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import FrameType

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.local import people as demo

STOP_SECONDS = 8
START_SECONDS = 60

Processes = list[subprocess.Popen[bytes]]


class Command(BaseCommand):
    help = (
        "Run web, worker and scheduler together on this machine. Without META_BUSINESS_ID and META_SYSTEM_USER_TOKEN "
        "also the practice Graph server, with a demo login for each role."
    )
    requires_system_checks = "__all__"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: object, **options: object) -> None:
        """Start everything, say where it is, and stop everything at Ctrl-C or when one part ends."""
        host, port = str(options["host"]), int(str(options["port"]))
        _refuse_taken_port(host, port)
        practice = not (settings.META_BUSINESS_ID or settings.META_SYSTEM_USER_TOKEN)
        environment = _environment(host, port)
        processes: Processes = []
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            if practice:
                processes.append(self._start_practice(environment))
            self._run(environment, "migrate", "--verbosity", "0")
            processes += _start_portal(environment)
            _wait_until_up(processes, f"http://{host}:{port}/healthz")
            self._announce(environment["PUBLIC_URL"], environment["GRAPH_API_URL"], practice=practice)
            while all(process.poll() is None for process in processes):
                time.sleep(0.2)
            raise CommandError("A part of the portal ended unexpectedly; everything else was stopped.")
        except KeyboardInterrupt:
            self.stdout.write("Stopping …")
        finally:
            _stop(processes)

    def _start_practice(self, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        """The practice Graph server; `environment` is pointed at it, and at a database of its own."""
        state = settings.STATE_DIR / "practice"
        state.mkdir(parents=True, exist_ok=True)
        # Port 0: the system chooses a free one, so that two of us can run side by side.
        command = [sys.executable, "-m", "portal.sandbox", "--port", "0", "--state", str(state / "practice.json")]
        # On loopback whatever the portal's public name is: the practice server runs beside it.
        port = environment["BIND"].rpartition(":")[2]
        command += ["--webhook", f"http://127.0.0.1:{port}/webhooks/meta/"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=settings.BASE_DIR)
        environment |= {"DEMO": "true", "STATE_DIR": str(state)}
        for line in server.stdout or ():
            name, is_setting, value = line.decode().strip().partition("=")
            if not is_setting:
                return server
            environment[name] = value
        raise CommandError("The practice Graph server did not start; the reason is above.")

    def _run(self, environment: dict[str, str], *arguments: str) -> None:
        """A management command in a process of its own, because settings differ from ours."""
        done = subprocess.run([sys.executable, "manage.py", *arguments], env=environment, cwd=settings.BASE_DIR)
        if done.returncode:
            raise CommandError(f"`manage.py {arguments[0]}` failed; the portal was not started.")

    def _announce(self, address: str, graph: str, *, practice: bool) -> None:
        lines = ["", f"  Numberdesk is at {address}", ""]
        if practice:
            lines += [f"  Practice data from a practice Graph server at {graph}. Sign in as:"]
            lines += [f"    {name:<10} {demo.password()}   ({role})" for name, role in demo.PEOPLE.items()]
            lines += ["", "  For your own numbers set META_BUSINESS_ID and META_SYSTEM_USER_TOKEN: see README.md."]
        else:
            lines += [f"  It reads {graph} as business {settings.META_BUSINESS_ID}."]
            lines += ["  The first time, make a login with: .venv/bin/python manage.py createsuperuser"]
        self.stdout.write("\n".join([*lines, "  Ctrl-C stops it.", ""]))
        self.stdout.flush()


def _environment(host: str, port: int) -> dict[str, str]:
    environment = {
        **os.environ,
        "BIND": f"{host}:{port}",
        "GRAPH_API_URL": settings.GRAPH_API_URL,
        "STATE_DIR": str(settings.STATE_DIR),
        "EMBEDDED_WORKER": "" if settings.REDIS_URL else "true",
    }
    environment.setdefault("PUBLIC_URL", f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}")  # noqa: S104 - only compared
    return environment


def _start_portal(environment: dict[str, str]) -> Processes:
    """Web with everything embedded, or web, worker and scheduler apart when there is a Redis."""
    commands = [["gunicorn", "-c", "portal/gunicorn.py"]]
    if settings.REDIS_URL:
        quick = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-O", "fair"]
        commands += [["celery", "-A", "portal", "worker", *quick], ["celery", "-A", "portal", "beat"]]
    return [
        subprocess.Popen([sys.executable, "-m", *command], env=environment, cwd=settings.BASE_DIR)
        for command in commands
    ]


def _wait_until_up(processes: Processes, address: str) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at and all(process.poll() is None for process in processes):
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - our own address, made above
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise CommandError("The portal did not start; the reason is above.")


def _stop(processes: Processes) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    give_up_at = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, give_up_at - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()


def _interrupt(_signum: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} is taken ({error.strerror}). Choose another one: make run PORT={port + 1}"
            ) from error
