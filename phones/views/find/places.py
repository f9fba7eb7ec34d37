"""The pages and actions that the look-up leads to, for who may open them. Queues of the numbers list are pages, too."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from clients import roles
from clients.models import User
from phones.choices import ActionKind
from phones.listing.queues import QUEUES
from phones.pool.perform import may_do
from phones.views.find.found import EXACT, HOLDS, STARTS, Found
from portal.folding import fold
from portal.web.addresses import Address

PAGE, QUEUE = "page", "queue"


@dataclass(frozen=True, slots=True)
class Place:
    """A page, or the page where an action is. `also` are more words that it is found by.

    `is_usual`: it is offered before anything is typed.
    """

    title: str
    route: str
    icon: str
    also: str = ""
    detail: str = ""
    label: str = "Page"
    may_open: Callable[[User], bool] = lambda _: True
    query: str = ""
    kind: str = PAGE
    is_usual: bool = True

    def found(self, fit: int) -> Found:
        address = reverse(self.route) + self.query
        return Found(self.kind, "", self.label, self.icon, self.title, address, self.detail, fit)


def _has_role(user: User) -> bool:
    return roles.role_of(user) is not None


_PLACES = [
    Place("Desk", "phones:home", "inbox", also="home start attention"),
    Place("Numbers", "phones:list", "phone", also="phones list"),
    Place("Changes", "phones:changes", "arrows-up-down", also="history news", may_open=_has_role),
    Place("Clients", "phones:clients", "building-storefront", also="customers"),
    Place("WABAs", "phones:wabas", "chat-bubble-left-right", also="business accounts"),
    Place("Signups", "signup:ledger", "user-plus", also="embedded onboarding ledger"),
    Place("Pool", "preverified:board", "rectangle-stack", also="pre-verified preverified", may_open=_has_role),
    Place(
        "Over time", "phones:book-over-time", "chart-bar", also="pictures trends charts calendar", may_open=_has_role
    ),
    Place("Tokens", "phones:tokens", "key", also="credentials access blast radius", may_open=roles.sees_everything),
    Place("API tokens", "phones:api-tokens", "key", also="services programs rest", may_open=_has_role),
    Place("Webhooks", "phones:outgoing", "arrow-path", also="outgoing programs post", may_open=roles.runs_the_desk),
    Place("API", "api-v1:docs", "command-line", also="openapi rest http documentation", may_open=_has_role),
    Place("Syncs", "phones:syncs", "arrow-path", also="readings runs"),
    Place("Bulk runs", "phones:bulk-runs", "queue-list", also="many batch", may_open=_has_role),
    Place("Events", "phones:events", "bell", also="webhooks callback", may_open=roles.sees_everything),
    Place("Mentions", "phones:mentions", "at-symbol", also="notes", may_open=_has_role),
    Place("Views", "phones:views", "squares-2x2", also="saved lists", may_open=_has_role, is_usual=False),
    Place("Your login", "mfa_index", "key", also="password passkey second factor mfa sessions account", is_usual=False),
    Place("Your mails", "phones:mail-settings", "envelope", also="alerts digest quiet time zone", is_usual=False),
    Place("Channels", "phones:channels", "bell", also="teams slack", may_open=roles.sees_everything, is_usual=False),
    Place(
        "Audit log",
        "phones:audit",
        "shield-check",
        also="record who did what security",
        may_open=roles.reads_the_audit_log,
        is_usual=False,
    ),
    Place(
        "Approvals",
        "phones:approvals",
        "check-badge",
        also="second person agree four eyes",
        may_open=lambda user: bool(settings.TWO_PERSON_APPROVAL) and _has_role(user),
        is_usual=False,
    ),
    Place(
        "People",
        "phones:people",
        "users",
        also="roles team access",
        may_open=roles.manages_people,
        is_usual=False,
    ),
    Place(
        "Operations",
        "phones:operations",
        "wrench-screwdriver",
        also="health metrics monitoring figures",
        may_open=roles.runs_the_desk,
        is_usual=False,
    ),
    Place(
        "What ends at Meta",
        "phones:endings",
        "wrench-screwdriver",
        also="deprecation versions graph signup unknown events",
        may_open=roles.runs_the_desk,
        is_usual=False,
    ),
    Place("Labels", "phones:labels", "tag", also="colours", may_open=roles.runs_the_desk, is_usual=False),
    Place("Admin", "admin:index", "cog-6-tooth", also="back office people tokens", may_open=lambda user: user.is_staff),
    Place(
        "New client",
        "phones:client-new",
        "plus",
        also="add make customer",
        label="Action",
        may_open=roles.may_change,
    ),
    Place(
        "Hand over a book",
        "phones:handover",
        "user-plus",
        also="assign leaves holiday",
        label="Action",
        may_open=roles.may_assign,
        is_usual=False,
    ),
    Place(
        "Make a signup link",
        "phones:clients",
        "link",
        also="send new onboarding",
        detail="Choose the client: it is made on their page",
        label="Action",
        may_open=roles.may_change,
    ),
    Place(
        "Refresh everything",
        "phones:syncs",
        "arrow-path",
        also="read sync all",
        detail="The button is on the page of syncs",
        label="Action",
        may_open=roles.runs_the_desk,
    ),
    Place(
        "Add a number to the pool",
        "preverified:add",
        "plus",
        also="pre-verified preverified new",
        label="Action",
        may_open=lambda user: may_do(user, ActionKind.ADD_TO_POOL),
    ),
    Place(
        "Export all numbers as CSV",
        "phones:export",
        "arrow-down-tray",
        also="download spreadsheet",
        label="Action",
    ),
    *(
        Place(
            f"Queue: {queue.label}",
            "phones:list",
            "queue-list",
            also="numbers",
            label="Queue",
            query=f"?queue={queue.name}",
            kind=QUEUE,
        )
        for queue in QUEUES.values()
    ),
]


def search_places(user: User, typed: str) -> list[Found]:
    """The places whose words begin with all the words of `typed`, which is folded."""
    found = []
    for place in _PLACES:
        title = fold(place.title)
        words = f"{title} {fold(place.also)}".replace("-", " ").split()
        if all(any(word.startswith(part) for word in words) for part in typed.replace("-", " ").split()):
            fit = EXACT if typed == title else STARTS if title.startswith(typed) else HOLDS
            if place.may_open(user):
                found.append(place.found(fit))
    return found


def usual_places(user: User) -> list[Found]:
    """What is offered before anything is typed: the pages of the desk."""
    return [place.found(HOLDS) for place in _PLACES if place.kind == PAGE and place.is_usual and place.may_open(user)]


def numbers_list(typed: str) -> Found:
    """The numbers list, searched for what was typed: it looks further, at the names of WABAs and clients too."""
    address = str(Address(reverse("phones:list"), (("q", typed),)))
    title = f"All numbers with “{typed}”"
    return Found(PAGE, "", "Search", "magnifying-glass", title, address)
