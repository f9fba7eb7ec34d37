"""The book of business that the practice partner starts with: the same one for the same seed and size, at any scale.

A world of twelve WABAs or more has the odd ones as well: one that cannot be read for want of permission (200) and one
that is not found (100/33), both of them listed all the same; an empty one; one without a name; two whose listing has an
empty page in the middle; one client's on which the app is not admitted to the beta filter on ``account_mode`` (10);
two without ``owner_business_info``; two of the partner's own; two that share a number; and, beyond the number of WABAs
asked for, one that was never shared and opens to its own business token only.
Every world has a pool of pre-verified numbers, and a partner with whom some of it is shared.
"""

import gc
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, pairwise
from random import Random

from portal.sandbox.http.messages import Values
from portal.sandbox.world import pool
from portal.sandbox.world.business_names import BY_CODE, COUNTRIES, Country
from portal.sandbox.world.credentials import DEFAULT_SEED, Credentials, credentials
from portal.sandbox.world.numbering import dial_code
from portal.sandbox.world.situations import ORDINARY, TROUBLED, Situation
from portal.sandbox.world.values import HELD_BACK, NO_PAYMENT
from portal.sandbox.world.world import Business, Number, Waba, World, timestamp

__all__ = ["DEFAULT_NUMBERS", "DEFAULT_SEED", "DEFAULT_WABAS", "Credentials", "credentials", "stock"]

REVISION = 4
"""Goes up when the same seed no longer gives the same book; kept worlds of another revision are not used again."""

DEFAULT_WABAS, DEFAULT_NUMBERS = 55, 200
_CLIENTS_PER_WABA = 40 / 53
_ODD_FROM = 12
_BIG_FROM, _BIG = 150, 34
_HOUR, _DAY = 3600, 86_400
_LIMITS = ("TIER_250", "TIER_2K", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED", "UNTIERED")
_VERIFICATIONS = ("verified", "verified", "verified", "not_verified", "pending", "expired", "rejected")
_REVIEWS = ("APPROVED",) * 9 + ("PENDING", "REJECTED", "DEFERRED")


def stock(world: World, *, wabas: int, numbers: int, healthy: bool = False) -> None:
    """Fill an empty world. ``numbers`` counts each number once; ``healthy`` makes every WABA readable."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        _Book(world, wabas, numbers, healthy=healthy).write()
    finally:
        if collecting:
            gc.enable()


def new_number(world: World, waba: Waba, situation: Situation) -> Number:
    """A number that turns up on a WABA later than the book, in this situation as of now."""
    display, country = world.numbering.next_number(waba.owner.country, waba.owner.id)
    number = world.new_number(waba, _shared_values(situation, country))
    name = BY_CODE[waba.owner.country].display_name(20_000 + world.newcomers)
    rng = Random(f"{world.seed} {number.id}")
    world.change_number(number, _own_values(world.now(), situation, display, (name, name), rng))
    return number


def new_client(world: World) -> Waba:
    """A WABA without numbers, which a business that was not there before has just shared."""
    country = COUNTRIES[world.newcomers % len(COUNTRIES)]
    name = country.display_name(10_000 + world.newcomers)
    business = world.new_business(f"{name} {country.legal[0]}", country.code)
    return new_waba(world, business, name)


def new_waba(world: World, owner: Business, name: str, without: Sequence[str] = ()) -> Waba:
    """A WABA without numbers that this business has just made and shared, less the fields named by ``without``."""
    values = _waba_values(BY_CODE[owner.country], name, "APPROVED")
    return world.new_waba(owner, {field: value for field, value in values.items() if field not in without})


class _Book:
    """Writes one book into one world."""

    def __init__(self, world: World, wabas: int, numbers: int, *, healthy: bool) -> None:
        self.world = world
        self.rng = Random(f"{world.seed} book")
        self.count = numbers
        self.healthy = healthy
        self.odd = wabas >= _ODD_FROM
        # Which WABA, by its place in the book, is odd in which way. The first is the big one.
        places = self.rng.sample(range(1, wabas), 11) if self.odd else []
        self.owned, self.hollow, self.ownerless = set(places[:2]), set(places[2:4]), set(places[4:6])
        self.permission, self.hidden, self.empty, self.nameless, self.not_admitted = places[6:] or [-1] * 5
        self.places = range(wabas)
        self.names: dict[str, tuple[str, ...]] = {}
        self.wabas_of: Counter[str] = Counter()
        self.bases: dict[tuple[str, str], dict[str, object]] = {}

    def write(self) -> None:
        owners = self._owners()
        wabas = [self._waba(place, owners[place]) for place in self.places]
        sizes = self._sizes()
        unread = {self.permission, self.hidden}
        situations = iter(self._situations(sum(size for place, size in enumerate(sizes) if place not in unread)))
        for place, (waba, size) in enumerate(zip(wabas, sizes, strict=True)):
            for _ in range(size):
                self._number(waba, ORDINARY[0] if place in unread else next(situations))
        if self.odd:
            self._share_a_number(wabas)
            self._unshared()
        pool.stock(self.world, self._new_id)

    def _owners(self) -> list[Business]:
        """Whose each WABA is. Every client has one, some have several."""
        clients: list[Business] = []
        owners: list[Business] = []
        wanted = max(1, round((len(self.places) - len(self.owned)) * _CLIENTS_PER_WABA))
        for place in self.places:
            if place in self.owned:
                owners.append(self.world.partner)
            elif len(clients) < wanted:
                clients.append(self._client(len(clients)))
                owners.append(clients[-1])
            else:
                owners.append(self.rng.choice(clients))
        return owners

    def _client(self, serial: int) -> Business:
        country = COUNTRIES[serial % len(COUNTRIES)]
        name = country.display_name(serial // len(COUNTRIES))
        legal = country.legal[serial // 3 % len(country.legal)]
        pick = self.rng.choice
        business = Business(self._new_id(), f"{name} {legal}", country.code, pick(_LIMITS), pick(_VERIFICATIONS))
        self.world.nodes[business.id] = business
        self.names[business.id] = (name, *(f"{name} {branch}" for branch in country.branches))
        return business

    def _waba(self, place: int, owner: Business) -> Waba:
        country = BY_CODE[owner.country]
        names = self.names.setdefault(owner.id, (owner.name, f"{owner.name} Training", f"{owner.name} Demo"))
        own = _waba_values(country, names[self.wabas_of[owner.id] % len(names)], self.rng.choice(_REVIEWS))
        self.wabas_of[owner.id] += 1
        waba = Waba(self._new_id(), owner, int(self.world.started - self.rng.uniform(20, 900) * _DAY), own)
        waba.relation = "owned" if place in self.owned else "client"
        waba.hollow = place in self.hollow
        waba.admits_account_mode_filter = place != self.not_admitted
        if place in self.owned:
            own["timezone_id"] = int(country.timezone_id)
        if place in self.ownerless:
            own["country"] = None
            waba.gone = frozenset({"owner_business_info"})
        if place == self.nameless:
            del own["name"]
        if place == self.not_admitted:
            own[HELD_BACK] = {"WABA": NO_PAYMENT}
        if not self.healthy and place == self.permission:
            waba.trouble = "permission"
        if not self.healthy and place == self.hidden:
            waba.trouble = "hidden"
        self.world.put_waba(waba)
        return waba

    def _sizes(self) -> list[int]:
        """How many numbers each WABA lists. They add up to the count."""
        big = _BIG if self.odd and self.count >= _BIG_FROM else 0
        weights = [self.rng.uniform(0.7, 2.0) for _ in self.places]
        if big:
            weights[0] = 0.0
        if self.odd:
            weights[self.empty] = 0.0
        for place in self.hollow:
            weights[place] = 2.0
        bounds = [0.0, *accumulate(weights)]
        edges = [round(bound / bounds[-1] * (self.count - big)) for bound in bounds]
        sizes = [end - start for start, end in pairwise(edges)]
        sizes[0] += big
        return sizes

    def _situations(self, count: int) -> list[Situation]:
        """One for each number: three in four ordinary, and each kind at least once where there is room."""
        troubled = count // 4
        ordinary = count - troubled
        found = _drawn(self.rng, TROUBLED, troubled, troubled) + _drawn(self.rng, ORDINARY, ordinary, ordinary // 2)
        self.rng.shuffle(found)
        return found

    def _number(self, waba: Waba, situation: Situation) -> None:
        display, country = self.world.numbering.next_number(waba.owner.country, waba.owner.id)
        key = (situation.name, country)
        base = self.bases.get(key)
        if base is None:
            base = self.bases[key] = _shared_values(situation, country)
        own = _own_values(self.world.started, situation, display, self.names[waba.owner.id], self.rng)
        seen_by = waba.numbers[0].wabas if waba.numbers else (waba,)
        number = Number(self._new_id(), own, base, seen_by)
        self.world.nodes[number.id] = number
        waba.numbers.append(number)
        if situation.register_calls:
            hours = range(2 * situation.register_calls + 2, 2, -2)
            hidden = self.world.hidden_state(number)
            hidden.calls["register"] = [self.world.started - each * _HOUR for each in hours]

    def _share_a_number(self, wabas: Sequence[Waba]) -> None:
        """One number on two WABAs of one client, as in the first phase of Meta's account model change."""
        plain = [waba for waba in wabas if not waba.trouble and not waba.hollow and waba.relation == "client"]
        for one in plain:
            for other in plain:
                if one is not other and one.owner is other.owner and one.numbers and other.numbers:
                    number = one.numbers[0]
                    number.wabas = (one, other)
                    other.numbers.append(number)
                    return

    def _unshared(self) -> None:
        country = COUNTRIES[0]
        business = self._client(len(self.places) * len(COUNTRIES))
        waba = Waba(self._new_id(), business, int(self.world.started - 5 * _DAY), {}, "unshared")
        waba.own = _waba_values(country, self.names[business.id][0], "APPROVED")
        self.world.put_waba(waba)
        for situation in (ORDINARY[0], TROUBLED[0]):
            self._number(waba, situation)

    def _new_id(self) -> str:
        """15 to 17 digits: more than fit into a JSON number without loss, at times."""
        while True:
            power = 14 if self.rng.random() < 0.7 else 15 if self.rng.random() < 0.7 else 16
            found = str(10**power + int(self.rng.random() * 9 * 10**power))
            if found not in self.world.nodes:
                return found


def _drawn(rng: Random, kinds: Sequence[Situation], count: int, shown: int) -> list[Situation]:
    """``count`` situations, of which the first ``shown`` kinds come at least once."""
    sure = list(kinds[: min(shown, count)])
    return sure + rng.choices(kinds, [kind.weight for kind in kinds], k=count - len(sure))


def _shared_values(situation: Situation, country: str) -> dict[str, object]:
    return {**situation.base, "country_code": country, "country_dial_code": dial_code(country)}


def _own_values(as_of: float, situation: Situation, display: str, names: Sequence[str], rng: Random) -> Values:
    own: Values = {"display_phone_number": display}
    name = names[0] if rng.random() < 0.5 else rng.choice(names)
    if situation.named:
        own["verified_name"] = name
    if situation.new_name:
        own["new_display_name"] = next((each for each in names if each != name), f"{name} Plus")
    if situation.onboarded_form == "null":
        own["last_onboarded_time"] = None
    elif situation.onboarded is not None:
        start, end = situation.onboarded
        moment = as_of - (start + (end - start) * rng.random()) * _HOUR
        own["last_onboarded_time"] = int(moment) if situation.onboarded_form == "unix" else timestamp(moment)
    return own


def _waba_values(country: Country, name: str, review: str) -> Values:
    return {
        "name": name,
        "currency": country.currency,
        "timezone_id": country.timezone_id,
        "account_review_status": review,
        "status": "ACTIVE" if review != "REJECTED" else "RESTRICTED",
        "primary_funding_id": "7" + country.timezone_id.zfill(14),
    }
