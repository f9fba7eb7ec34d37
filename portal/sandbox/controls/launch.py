"""Starting and stopping the practice server: its options, what it prints, its clock, its signals.

``run`` is the command; ``serving`` is for tests, on a thread of their own process.
"""

import argparse
import asyncio
import gc
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from time import time
from typing import Any, Protocol

from portal.sandbox.controls.application import Application
from portal.sandbox.graph import callbacks, webhook_events
from portal.sandbox.graph.routes import Graph
from portal.sandbox.graph.usage import Usage
from portal.sandbox.http import outgoing
from portal.sandbox.http.server import Server
from portal.sandbox.world import random_changes, store
from portal.sandbox.world.book import DEFAULT_NUMBERS, DEFAULT_SEED, DEFAULT_WABAS
from portal.sandbox.world.credentials import Credentials
from portal.sandbox.world.world import Callback, World

DESCRIPTION = "The practice Graph server: a stand-in for Meta's Graph API with an invented book of business."
_SAVE_SECONDS = 5.0
_MOST = 1_000_000


class _Output(Protocol):
    def write(self, text: str, /) -> object: ...
    def flush(self) -> object: ...


@dataclass(frozen=True, slots=True)
class Options:
    """How to run. ``latency`` is in milliseconds, other times are in seconds; ``quota`` scales Meta's quotas.

    ``numbers`` None stands for as many as suit the WABAs. ``webhook`` is the app's callback, taken without a handshake;
    None leaves it as it was kept; with ``webhook_at``, calls to it go there in its place. ``webhook_verify_token`` None
    leaves the one among the credentials.
    """

    host: str = "127.0.0.1"
    port: int = 9009
    wabas: int = DEFAULT_WABAS
    numbers: int | None = None
    latency: float = 0.0
    seed: int = DEFAULT_SEED
    still: bool = False
    state: Path | None = None
    drift_seconds: float = 45.0
    healthy: bool = False
    quota: float = 1.0
    no_quota: bool = False
    require_proof: bool = False
    review_seconds: float = 60.0
    lose_replies: bool = False
    webhook: str | None = None
    webhook_at: str | None = None
    webhook_verify_token: str | None = None

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> "Options":
        """Options from parsed arguments, among which may be others."""
        return cls(**{field.name: arguments[field.name] for field in fields(cls)})

    @property
    def size(self) -> store.Size:
        """What the book is written from."""
        numbers = self.wabas * DEFAULT_NUMBERS // DEFAULT_WABAS if self.numbers is None else self.numbers
        return store.Size(self.seed, self.wabas, numbers, self.healthy)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options, named like the fields of :class:`Options`."""
    default = Options()
    add = parser.add_argument
    add("--host", default=default.host, help="address to listen on (default: %(default)s)")
    add("--port", type=_number(0, 65_535), default=default.port, help="0 picks a free one (default: %(default)s)")
    add("--wabas", type=_number(1, _MOST), default=default.wabas, help="how many WABAs (default: %(default)s)")
    add("--numbers", type=_number(0, _MOST), help="how many numbers in all (default: 200 for 55 WABAs)")
    add("--latency", type=_amount, default=default.latency, metavar="MS", help="milliseconds before each reply")
    add("--seed", type=int, default=default.seed, help="same seed, same book (default: %(default)s)")
    add("--still", action="store_true", help="let nothing change by itself")
    add("--state", type=Path, metavar="FILE", help="keep the practice world in this file across restarts")
    add("--drift-seconds", type=_amount, default=default.drift_seconds, metavar="S", help="seconds between changes")
    add("--healthy", action="store_true", help="without the two WABAs that cannot be read")
    add("--quota", type=_amount, default=default.quota, metavar="X", help="multiply Meta's hourly quotas by X")
    add("--no-quota", action="store_true", help="never refuse a call for its number")
    add("--require-proof", action="store_true", help="demand appsecret_proof on every call")
    add("--review-seconds", type=_amount, default=default.review_seconds, metavar="S", help="length of a name's review")
    add("--lose-replies", action="store_true", help="carry out every POST, then close the connection without a reply")
    add("--webhook", type=_address, metavar="URL", help="send webhook events to this callback, without a handshake")
    add("--webhook-at", type=_address, metavar="URL", help="where the callback is reached from here, if elsewhere")
    add("--webhook-verify-token", metavar="TOKEN", help="WEBHOOK_VERIFY_TOKEN of the portal")


def _number(lowest: int, highest: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not lowest <= int(text) <= highest:
            raise argparse.ArgumentTypeError(f"must be from {lowest} to {highest}")
        return int(text)

    return number


def _address(text: str) -> str:
    if not outgoing.is_address(text):
        raise argparse.ArgumentTypeError("must be an http or https address")
    return text


def _amount(text: str) -> float:
    if not 0 <= float(text) <= _MOST:
        raise argparse.ArgumentTypeError(f"must be from 0 to {_MOST}")
    return float(text)


def run(options: Options, output: _Output, complaints: _Output) -> int:
    """Serve until SIGTERM or SIGINT. Prints the portal's environment and a line when ready; the exit status."""

    def announce(url: str, world: World) -> None:
        numbers = sum(1 for _ in world.numbers())
        for name, value in world.credentials.environment(url).items():
            output.write(f"{name}={value}\n")
        age = "kept from before" if kept else "new"
        output.write(f"Practice Graph server is ready at {url}: {len(world.wabas)} WABAs, {numbers} numbers, {age}\n")
        output.flush()

    async def serve() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await _serve(options, world, announce, stop)

    try:
        world, kept = store.load(options.state, options.size, time())
        gc.freeze()  # the book stays: the collector need not walk through it again and again
        asyncio.run(serve())
    except KeyboardInterrupt:
        return 130
    except (OSError, store.NotAWorldError) as error:
        complaints.write(f"The practice Graph server cannot run: {error}\n")
        return 1
    return 0


@dataclass(frozen=True, slots=True)
class Serving:
    """A practice server on a thread of this process. Look at ``world`` only while no request is under way."""

    url: str
    world: World

    @property
    def credentials(self) -> Credentials:
        """The practice partner's credentials."""
        return self.world.credentials


@contextmanager
def serving(options: Options) -> Iterator[Serving]:
    """A practice server for the length of a ``with`` block. Raises OSError when it cannot listen.

    A new world begins at a whole second: two of them then differ by whole seconds in every moment.
    """
    world, _ = store.load(options.state, options.size, float(int(time())))
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    ready = threading.Event()
    found: list[str] = []
    failures: list[OSError] = []

    def announce(url: str, _: World) -> None:
        found.append(url)
        ready.set()

    def serve() -> None:
        try:
            loop.run_until_complete(_serve(options, world, announce, stop))
        except OSError as error:
            failures.append(error)
        finally:
            loop.close()
            ready.set()

    thread = threading.Thread(target=serve, name="practice Graph server", daemon=True)
    thread.start()
    ready.wait()
    try:
        if failures:
            raise failures[0]
        yield Serving(found[0], world)
    finally:
        with suppress(RuntimeError):  # the loop is closed already when it could not listen
            loop.call_soon_threadsafe(stop.set)
        thread.join()


async def _serve(options: Options, world: World, announce: Callable[[str, World], None], stop: asyncio.Event) -> None:
    """Serve until ``stop`` is set, then keep the world."""
    graph = Graph(world, Usage(world, None if options.no_quota else options.quota), require_proof=options.require_proof)
    application = Application(graph, latency=options.latency / 1000, lose_replies=options.lose_replies)
    server = Server(application)
    world.review_seconds = options.review_seconds
    if options.webhook_verify_token is not None:
        world.credentials = replace(world.credentials, webhook_verify_token=options.webhook_verify_token)
    if options.webhook is not None:
        if options.webhook_at is not None:
            world.reached_at[options.webhook] = options.webhook_at
        callbacks.put(world, Callback(options.webhook, world.credentials.webhook_verify_token, webhook_events.FIELDS))
    port = await server.open(options.host, options.port)
    world.heard = application.delivery.hear
    application.delivery.start()
    tasks = [asyncio.create_task(_keep(world, options))]
    if not options.still and options.drift_seconds:
        tasks.append(asyncio.create_task(_drift(world, options.drift_seconds)))
    announce(f"http://{_reachable(options.host)}:{port}", world)
    await stop.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await server.close()
    world.heard = None
    await application.delivery.stop()
    if options.state is not None and world.unsaved:
        store.save(world, options.state, options.size)


async def _drift(world: World, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        random_changes.change(world)


async def _keep(world: World, options: Options) -> None:
    """Save what changed every few seconds. A failure is reported by the last save of all, not by these."""
    while options.state is not None:
        if world.unsaved:
            with suppress(OSError):
                store.save(world, options.state, options.size)
        await asyncio.sleep(_SAVE_SECONDS)


def _reachable(host: str) -> str:
    """The address to print: the loopback one when the server listens on all of them."""
    if not host.strip("0.:"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
