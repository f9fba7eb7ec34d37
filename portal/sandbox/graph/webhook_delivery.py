"""Sending webhook events to the app's callback, signed, and again until they are taken; or as badly as a test wants.

From Meta's pages on webhooks (developers.facebook.com/docs/graph-api/webhooks/getting-started): the signature, up to
1,000 updates in one POST, and whatever is not answered with 200 is sent again at once, then ever more rarely, for seven
days. Which events there are is ``webhook_events``, where they go ``callbacks``. What waits is lost at the server's end.

Nothing happens here as long as there is no callback. Everything runs on the server's own loop and never holds it up.
"""

import asyncio
import hashlib
import hmac
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import count
from random import Random

from portal.sandbox.graph import subscriptions, webhook_events
from portal.sandbox.graph.webhook_events import Event
from portal.sandbox.http import outgoing
from portal.sandbox.http.messages import Values
from portal.sandbox.world.world import World, timestamp

PAUSES = (0.0, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
"""Seconds before each further attempt; after the last of them, every hour."""

GIVEN_UP_SECONDS = 7 * 86_400.0
MOST_WAITING = 50_000
_PACKED_AT_ONCE = 10_000
_KEPT = 1_000
_GATHER_SECONDS = 0.1  # what happens in so short a time goes into one batch, or out of order
_TICK_SECONDS = 0.5  # how late the end of a review may be noticed when nobody calls


@dataclass(slots=True)
class Mode:
    """How events are sent. ``delay`` is in seconds, ``batch`` the most updates in a POST, ``parallel`` the most POSTs.

    ``duplicates`` is how often each event is sent.
    """

    duplicates: int = 1
    shuffle: bool = False
    batch: int = 1
    delay: float = 0.0
    paused: bool = False
    bad_signature: bool = False
    parallel: int = 1


@dataclass(eq=False, slots=True)
class Post:
    """One POST, and how it has fared. ``updates`` is how many are in it, ``born`` its time on the loop's clock."""

    body: bytes
    updates: int
    born: float
    attempts: int = 0
    outcomes: list[str] = field(default_factory=list)
    last_at: str | None = None

    def as_json(self) -> Values:
        """The POST as the control endpoint shows it."""
        text = self.body[:_KEPT].decode()
        return {
            "updates": self.updates,
            "attempts": self.attempts,
            "outcomes": self.outcomes[-10:],
            "last_at": self.last_at,
            "body": text,
        }


class WebhookDelivery:
    """What one server sends, has sent, and has yet to send. ``settle`` lets happen what is due by the world's clock."""

    def __init__(self, world: World, settle: Callable[[World], None]) -> None:
        self.mode = Mode()
        self.sent: deque[Post] = deque(maxlen=_KEPT)
        self.sent_updates = self.failed_attempts = self.lost_updates = 0
        self._world = world
        self._settle = settle
        self._random = Random(world.seed)
        self._order = count()
        self._events: list[tuple[float, int, Event]] = []
        self._posts: list[tuple[float, int, Post]] = []
        self._waiting = 0
        self._woken = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    @property
    def waiting_updates(self) -> int:
        """How many updates the app has yet to take, those under way included."""
        return self._waiting

    @property
    def waiting_posts(self) -> list[Post]:
        """The POSTs that wait for another attempt, the next one first."""
        return [post for _, _, post in sorted(self._posts)]

    def start(self) -> None:
        """Send from now on whatever happens, once there is a callback. Needs a running loop; twice is once."""
        if self._world.callback is not None and self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._send())

    async def stop(self) -> None:
        """Send no more."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)

    def wake(self) -> None:
        """Look again at once what there is to send."""
        self._woken.set()

    def hear(self, entry: Values) -> None:
        """Take notice of an entry in the log of changes: what the app has subscribed to of it will be sent."""
        callback = self._world.callback
        if callback is None:
            return
        found = webhook_events.of(self._world, entry)
        self.offer(each for each in found if each.field in callback.fields and self._is_subscribed(each))

    def offer(self, updates: Iterable[Event]) -> None:
        """Have these sent, in the present mode. They are lost when there is no room for them."""
        loop = asyncio.get_running_loop()
        gathering = _GATHER_SECONDS if self.mode.shuffle or self.mode.batch > 1 else 0.0
        for each in updates:
            if self._waiting >= MOST_WAITING:
                self.lost_updates += 1
                continue
            heappush(self._events, (loop.time() + self.mode.delay + gathering, next(self._order), each))
            self._waiting += 1
        self.wake()

    def post(self, updates: list[Event]) -> None:
        """Have these sent in one POST, whatever the mode says. They are lost when there is no room for them."""
        if self._waiting + len(updates) > MOST_WAITING:
            self.lost_updates += len(updates)
        else:
            self._put(Post(webhook_events.body(updates), len(updates), asyncio.get_running_loop().time()))

    def replay(self, last: int) -> int:
        """Send the last POSTs that were taken once more, byte for byte; how many there are."""
        again = list(self.sent)[-last:]
        for post in again:
            self._put(Post(post.body, post.updates, asyncio.get_running_loop().time()))
        return len(again)

    def hurry(self) -> int:
        """Make everything that waits for another attempt, or for its delay, be sent now; how many updates."""
        self._posts = [(0.0, order, post) for _, order, post in self._posts]
        self._events = [(0.0, order, each) for _, order, each in self._events]
        heapify(self._posts)
        heapify(self._events)
        self.wake()
        return self._waiting

    def clear(self) -> None:
        """Forget what waits and what was sent."""
        self._waiting -= len(self._events) + sum(post.updates for _, _, post in self._posts)
        self._events, self._posts = [], []
        self.sent.clear()
        self.sent_updates = self.failed_attempts = self.lost_updates = 0

    def _is_subscribed(self, event: Event) -> bool:
        """Whether the app hears of the WABA. What is in the partner's own entry it hears anyway."""
        waba = self._world.wabas.get(event.entry_id)
        return waba is None or subscriptions.subscription(self._world, waba) is not None

    async def _send(self) -> None:
        """Send for as long as the server runs."""
        loop = asyncio.get_running_loop()
        while True:
            self._woken.clear()
            self._settle(self._world)
            posts = self._due(loop.time())
            if not posts:
                self._pack(loop.time())
                posts = self._due(loop.time())
            if posts:
                await asyncio.gather(*map(self._attempt, posts))
            else:
                await self._rest(loop.time())

    async def _rest(self, now: float) -> None:
        """Wait until something is due, or new."""
        due = [waiting[0][0] for waiting in (self._events, self._posts) if waiting and not self.mode.paused]
        pause = min([_TICK_SECONDS, *(max(0.0, each - now) for each in due)])
        try:
            async with asyncio.timeout(pause):
                await self._woken.wait()
        except TimeoutError:
            return

    def _pack(self, now: float) -> None:
        """Make POSTs of the events that are due, as the mode wants them."""
        if self.mode.paused or not self._events or self._events[0][0] > now:
            return
        due: list[Event] = []
        room = max(1, _PACKED_AT_ONCE // self.mode.duplicates)
        while self._events and self._events[0][0] <= now + _GATHER_SECONDS and len(due) < room:
            due.append(heappop(self._events)[2])
        self._waiting -= len(due)
        updates = [each for each in due for _ in range(self.mode.duplicates)]
        if self.mode.shuffle:
            self._random.shuffle(updates)
        for start in range(0, len(updates), self.mode.batch):
            batch = updates[start : start + self.mode.batch]
            self._put(Post(webhook_events.body(batch), len(batch), now))

    def _put(self, post: Post, pause: float = 0.0) -> None:
        heappush(self._posts, (asyncio.get_running_loop().time() + pause, next(self._order), post))
        self._waiting += post.updates
        self.wake()

    def _due(self, now: float) -> list[Post]:
        """The POSTs to attempt now."""
        found: list[Post] = []
        while not self.mode.paused and self._posts and self._posts[0][0] <= now and len(found) < self.mode.parallel:
            found.append(heappop(self._posts)[2])
        return found

    async def _attempt(self, post: Post) -> None:
        """Send a POST once, and have it sent again later when it is not taken."""
        callback = self._world.callback
        post.attempts += 1
        post.last_at = timestamp(self._world.now())
        try:
            if callback is None:
                raise ConnectionError("there is no callback any more")
            url = self._world.reached_at.get(callback.url, callback.url)
            status, _ = await outgoing.ask("POST", url, self._headers(post.body), post.body)
            post.outcomes.append(str(status))
        except OSError as error:
            status = 0
            post.outcomes.append(f"no answer: {str(error) or type(error).__name__}")
        self._waiting -= post.updates
        if status == 200:
            self.sent.append(post)
            self.sent_updates += post.updates
            return
        self.failed_attempts += 1
        if asyncio.get_running_loop().time() - post.born > GIVEN_UP_SECONDS:
            self.lost_updates += post.updates
        else:
            self._put(post, PAUSES[min(post.attempts, len(PAUSES)) - 1])

    def _headers(self, body: bytes) -> dict[str, str]:
        secret = self._world.credentials.app_secret
        if self.mode.bad_signature:
            secret = secret[::-1]
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return {
            "User-Agent": outgoing.USER_AGENT,
            "Content-Type": "application/json",
            "X-Hub-Signature-256": f"sha256={signature}",
        }
