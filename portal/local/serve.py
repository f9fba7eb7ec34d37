"""Starts web, worker, scheduler and where needed the practice Graph server, each as a process, and stops them together.

What a process is to know it is given in its environment; the settings of this process stay as they are. Each is the
first of a process group of its own: the terminal's signals come here alone, and a group ends with all that it started.
A guard ends the groups when this process is killed. Web, worker and scheduler are started again where one ends.
"""

import contextlib
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
from typing import Any, cast

from django.conf import settings

from portal.local import guard
from portal.local.guard import Guard

STOP_SECONDS = 8
START_SECONDS = 60
# How long the port may still be taken by a portal that was killed just now: its guard needs less.
PORT_SECONDS = 2 * guard.STOP_SECONDS
RESTART_SECONDS = 2

Processes = list[subprocess.Popen[bytes]]


class ServeError(Exception):
    """The portal can't be started or has ended by itself; the message says why."""


def serve(host: str, port: int, *, say: Callable[[str], object]) -> None:
    """Start everything, say where it is, start again what ends by itself, and stop everything at Ctrl-C."""
    _refuse_taken_port(host, port)
    practice = not (settings.META_BUSINESS_ID or settings.META_SYSTEM_USER_TOKEN)
    environment = _environment(host, port)
    processes: Processes = []
    for ending in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) != signal.SIG_IGN:  # nohup has it ignored
            signal.signal(ending, _interrupt)
    watching = Guard()
    try:
        if practice:
            processes.append(_start_practice(environment, port, watching))
        migrate = _start(["manage", "migrate", "--verbosity", "0"], watching, env=environment)
        processes.append(migrate)
        if migrate.wait():
            raise ServeError("`manage.py migrate` failed; the portal was not started.")
        processes.remove(migrate)
        for command in _commands():
            processes.append(_start(command, watching, env=environment))
        _wait_until_up(processes, f"http://{host}:{port}/healthz")
        say(_announcement(environment["PUBLIC_URL"], environment["GRAPH_API_URL"], practice=practice))
        while True:
            for place, process in enumerate(processes):
                if process.poll() is not None:
                    processes[place] = _start_again(process, watching, environment, say)
            time.sleep(0.2)
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):  # of a terminal that was closed
            say("Stopping …")
    finally:
        _stop(processes)
        watching.dismiss()


def _refuse_taken_port(host: str, port: int) -> None:
    give_up_at = time.monotonic() + PORT_SECONDS
    while (error := _bind_error(host, port)) is not None:
        if time.monotonic() > give_up_at:
            raise ServeError(f"Port {port} is taken ({error}). Choose another one: make run PORT={port + 1}")
        time.sleep(0.1)


def _bind_error(host: str, port: int) -> str | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return None


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


def _start(command: list[str], watching: Guard, **options: Any) -> subprocess.Popen[bytes]:
    """`python -m command` in a process group of its own, which the guard ends when we are killed."""
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=settings.BASE_DIR, process_group=0, **options)
    watching.watch(process.pid)
    return process


def _start_again(
    ended: subprocess.Popen[bytes], watching: Guard, environment: dict[str, str], say: Callable[[str], object]
) -> subprocess.Popen[bytes]:
    """Start anew what has ended by itself, once nothing is left of it. Raises ServeError for the practice server."""
    command = cast("list[str]", ended.args)[2:]  # of `_start`
    if command[0] == "portal.sandbox":
        raise ServeError("The practice Graph server ended unexpectedly; everything else was stopped.")
    with contextlib.suppress(ProcessLookupError):
        os.killpg(ended.pid, signal.SIGKILL)
    watching.forget(ended.pid)
    say(f"`{' '.join(command[:4])}` ended with status {ended.returncode}; it is started again.")
    time.sleep(RESTART_SECONDS)
    return _start(command, watching, env=environment)


def _start_practice(environment: dict[str, str], port: int, watching: Guard) -> subprocess.Popen[bytes]:
    """The practice Graph server; `environment` is pointed at it, and at a database of its own."""
    state = settings.STATE_DIR / "practice"
    state.mkdir(parents=True, exist_ok=True)
    # Port 0: the system chooses a free one, so that two of us can run side by side.
    command = ["portal.sandbox", "--port", "0", "--state", str(state / "practice.json")]
    # The callback has the portal's public name, which the desk looks for; the practice server runs beside the portal
    # and reaches it on loopback.
    path = "/webhooks/meta/"
    command += ["--webhook", f"{environment['PUBLIC_URL'].rstrip('/')}{path}"]
    command += ["--webhook-at", f"http://127.0.0.1:{port}{path}"]
    server = _start(command, watching, stdout=subprocess.PIPE)
    environment |= {"DEMO": "true", "STATE_DIR": str(state)}
    for line in server.stdout or ():
        name, is_setting, value = line.decode().strip().partition("=")
        if not is_setting:
            return server
        environment |= {name: value, f"{name}_FILE": ""}
    raise ServeError("The practice Graph server did not start; the reason is above.")


def _commands() -> list[list[str]]:
    """Web with everything embedded, or web, worker and scheduler apart when there is a Redis."""
    commands = [["gunicorn", "-c", "portal/gunicorn.py"]]
    if settings.REDIS_URL:
        quick = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-O", "fair"]
        commands += [["celery", "-A", "portal", "worker", *quick], ["celery", "-A", "portal", "beat"]]
    return commands


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
    """End every process and whatever it started, also when a second signal comes meanwhile."""
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.SIG_IGN)
    for process in processes:
        if process.poll() is None:
            process.terminate()
    give_up_at = time.monotonic() + STOP_SECONDS
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, give_up_at - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _interrupt(_signum: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
