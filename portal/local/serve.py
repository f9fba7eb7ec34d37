"""Starts web, worker, scheduler and where needed the practice Graph server, each as a process, and stops them together.

What a process is to know it is given in its environment; the settings of this process stay as they are.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from types import FrameType

from django.conf import settings

STOP_SECONDS = 8
START_SECONDS = 60

Processes = list[subprocess.Popen[bytes]]


class ServeError(Exception):
    """The portal can't be started or has ended by itself; the message says why."""


def serve(host: str, port: int, *, say: Callable[[str], object]) -> None:
    """Start everything, say where it is, and stop everything at Ctrl-C or when one part ends."""
    _refuse_taken_port(host, port)
    practice = not (settings.META_BUSINESS_ID or settings.META_SYSTEM_USER_TOKEN)
    environment = _environment(host, port)
    processes: Processes = []
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if practice:
            processes.append(_start_practice(environment, port))
        _migrate(environment)
        processes += _start_portal(environment)
        _wait_until_up(processes, f"http://{host}:{port}/healthz")
        say(_announcement(environment["PUBLIC_URL"], environment["GRAPH_API_URL"], practice=practice))
        while all(process.poll() is None for process in processes):
            time.sleep(0.2)
        raise ServeError("A part of the portal ended unexpectedly; everything else was stopped.")
    except KeyboardInterrupt:
        say("Stopping …")
    finally:
        _stop(processes)


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServeError(
                f"Port {port} is taken ({error.strerror}). Choose another one: make run PORT={port + 1}"
            ) from error


def _environment(host: str, port: int) -> dict[str, str]:
    reached_at = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - only compared
    return {
        **os.environ,
        "BIND": f"{host}:{port}",
        "PUBLIC_URL": os.environ.get("PUBLIC_URL", "").strip() or f"http://{reached_at}:{port}",
        "GRAPH_API_URL": settings.GRAPH_API_URL,
        "STATE_DIR": str(settings.STATE_DIR),
        "EMBEDDED_WORKER": "" if settings.REDIS_URL else "true",
    }


def _start_practice(environment: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    """The practice Graph server; `environment` is pointed at it, and at a database of its own."""
    state = settings.STATE_DIR / "practice"
    state.mkdir(parents=True, exist_ok=True)
    # Port 0: the system chooses a free one, so that two of us can run side by side.
    command = [sys.executable, "-m", "portal.sandbox", "--port", "0", "--state", str(state / "practice.json")]
    # The callback has the portal's public name, which the desk looks for; the practice server runs beside the portal
    # and reaches it on loopback.
    path = "/webhooks/meta/"
    command += ["--webhook", f"{environment['PUBLIC_URL'].rstrip('/')}{path}"]
    command += ["--webhook-at", f"http://127.0.0.1:{port}{path}"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=settings.BASE_DIR)
    environment |= {"DEMO": "true", "STATE_DIR": str(state)}
    for line in server.stdout or ():
        name, is_setting, value = line.decode().strip().partition("=")
        if not is_setting:
            return server
        environment |= {name: value, f"{name}_FILE": ""}
    raise ServeError("The practice Graph server did not start; the reason is above.")


def _migrate(environment: dict[str, str]) -> None:
    """In a process of its own, because its settings differ from ours."""
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    if subprocess.run(command, env=environment, cwd=settings.BASE_DIR).returncode:
        raise ServeError("`manage.py migrate` failed; the portal was not started.")


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
    raise ServeError("The portal did not start; the reason is above.")


def _announcement(address: str, graph: str, *, practice: bool) -> str:
    lines = ["", f"  Numberdesk is at {address}", ""]
    if practice:
        lines += [f"  Practice data from a practice Graph server at {graph}. Sign in as:"]
        lines += [f"    {name:<10} {settings.DEMO_PASSWORD}   ({role})" for name, role in settings.DEMO_LOGINS.items()]
        lines += ["", "  For your own numbers set META_BUSINESS_ID and META_SYSTEM_USER_TOKEN: see README.md."]
    else:
        lines += [f"  It reads {graph} as business {settings.META_BUSINESS_ID}."]
        lines += ["  The first time, make a login with: .venv/bin/python manage.py createsuperuser"]
    return "\n".join([*lines, "  Ctrl-C stops it.", ""])


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
