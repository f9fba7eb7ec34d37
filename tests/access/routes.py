"""The tables of all routes: who may ask for each. A route that is in none of them fails the build."""

from django.urls import reverse

from tests.access.world import Answer, Named, OfOne, World, ask

PUBLIC = {
    *(f"signup:{page}" for page in ("page", "begin", "event", "finish", "progress", "code", "status")),
    *("account_login", "account_start_over", "account_inactive", "mfa_authenticate", "mfa_login_webauthn"),
    *("account_reset_password", "account_forgotten_link", "account_invitation"),
    *("openid_connect_login", "openid_connect_callback"),
    "healthz",
    "readyz",
    "metrics",
    "phones:webhook",
    "phones:webhook-without-slash",
    "phones:unsubscribe",
}
LISTS = {
    *("phones:home", "phones:list", "phones:export", "phones:export-excel", "phones:clients", "phones:syncs"),
    *("phones:changes", "signup:ledger", "preverified:board", "phones:wabas", "phones:views", "phones:counts"),
    "phones:book-over-time",
    "phones:approvals",
    *("phones:client-choices", "phones:value-counts", "phones:find", "phones:mentions", "phones:bulk-runs"),
    *(f"phones:{name}-export" for name in ("clients", "wabas", "syncs", "changes", "bulk-runs")),
    *(f"phones:{name}-export-excel" for name in ("clients", "wabas", "syncs", "changes", "bulk-runs")),
    *("signup:ledger-export", "signup:ledger-export-excel"),
    *("preverified:board-export", "preverified:board-export-excel"),
}
OF_ONE = {
    "phones:number": OfOne("number"),
    "phones:as-of": OfOne("number"),
    "phones:number-news": OfOne("number"),
    "phones:refresh": OfOne("number", "post"),
    "phones:confirm": OfOne("number", more=("register",), only_workers=True),
    "phones:act": OfOne("number", "post", more=("register",)),
    "phones:reveal-pin": OfOne("number", "post", data={"reason": "The client asks for it"}),
    "phones:support": OfOne("number", more=("action",)),
    "phones:client": OfOne("client"),
    "phones:client-news": OfOne("client"),
    "phones:connect-waba": OfOne("client", only_workers=True),
    "phones:assign": OfOne("client", "post", data={"owner": "", "cover": ""}, only_leads=True),
    "phones:client-contact": OfOne("client", "post", data={"contact_email": "ana@client.example"}),
    "phones:client-language": OfOne("client", "post", data={"language": "es"}),
    "phones:client-links": OfOne("client"),
    "phones:client-links-revoke": OfOne("client", only_workers=True),
    "phones:client-labels": OfOne("client", "post"),
    "phones:client-watch": OfOne("client", "post", data={"watch": "1"}),
    "phones:client-notes": OfOne("client", "post", data={"text": "Seen"}),
    "phones:number-labels": OfOne("number", "post"),
    "phones:number-watch": OfOne("number", "post", data={"watch": "1"}),
    "phones:number-notes": OfOne("number", "post", data={"text": "Seen"}),
    "phones:note-edit": OfOne("note", "post", data={"text": "Seen"}),
    "phones:note-delete": OfOne("note", "post"),
    "phones:portfolio": OfOne("portfolio"),
    "phones:waba": OfOne("waba"),
    "phones:add-number": OfOne("waba", only_workers=True),
    "phones:ask": OfOne("waba", "post", data={"account_mode": "LIVE"}),
    "phones:sync": OfOne("run"),
    "phones:signup-links": OfOne("client", "post"),
    "phones:status-links": OfOne("client", "post"),
    "phones:code-links": OfOne("number", "post"),
    "signup:revoke": OfOne("signup_link", "post", front=("signup",)),
    "signup:qr": OfOne("signup_link", front=("signup",), only_workers=True),
    "signup:attempt": OfOne("attempt"),
    "signup:claim": OfOne("attempt", "post", only_leads=True),
    "signup:set-aside": OfOne("attempt", "post"),
    "signup:onboarding": OfOne("onboarding"),
    "signup:retry": OfOne("onboarding", "post"),
    "signup:dismiss": OfOne("onboarding", "post"),
    "phones:approval": OfOne("approval"),
    "phones:approval-decide": OfOne("approval", "post", more=("refuse",)),
    "phones:events-check": OfOne("waba", "post"),
    "phones:events-subscribe": OfOne("waba", only_workers=True),
}
# These name what they are about in the form, not in the address.
NAMED = {
    "phones:sync-start": [Named("client", {"scope": "client"}), Named("waba", {"scope": "waba"})],
}
# Asked elsewhere: what `phones:find-remember` keeps, in `tests/phones/views/find`; which clients are meant by
# `phones:clients-assign`, in `tests/phones/views/accounts/test_assigning.py`; what `phones:news` counts of each list,
# in `tests/phones/views/test_news.py`.
SIGNED_IN = {
    # One's own login: in `tests/clients/signing_in`.
    *("account_logout", "mfa_index", "account_change_password", "account_end_others", "account_again_sso"),
    *("account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_add_webauthn"),
    *("mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
    *("phones:client-new", "phones:changes-seen", "phones:mail-settings", "phones:mail-trial"),
    *("phones:columns", "phones:find-remember", "phones:bulk-plan", "phones:export-chosen"),
    # Files of what is ticked: in `tests/phones/views/listing/test_conventions.py`.
    *(f"phones:{name}-chosen" for name in ("changes", "clients", "wabas", "syncs", "bulk-runs")),
    *("signup:ledger-chosen", "preverified:board-chosen"),
    # Which signups and pool numbers are meant: in `tests/phones/views/signup/test_many.py`, `tests/phones/views/pool`.
    *("signup:retry-many", "signup:revoke-many", "preverified:read-chosen"),
    *("phones:clients-assign", "phones:mentions-seen", "phones:news"),
}
# A mail is for its person and for nobody else, whatever they may see. Asked in `tests/phones/views/mails`. So are
# sessions and passkeys: `tests/clients/signing_in`.
OF_THE_PERSON = {"phones:mail", "account_end_session", "mfa_edit_webauthn", "mfa_remove_webauthn"}
# For those who see every client, whatever it is about.
FOR_LEADS = {
    "phones:events": "get",
    "phones:events-export": "get",
    "phones:events-export-excel": "get",
    "phones:handover": "get",
    "phones:labels": "get",
    "phones:operations": "get",
    "phones:events-replay": "post",
    "phones:events-chosen": "post",
    "phones:callback": "get",
    "phones:callback-check": "post",
    "phones:channels": "get",
    "phones:tokens": "get",
    "phones:people": "get",
    "phones:person-new": "get",
}
# Of these, what auditors get too: they look at what leads look at.
FOR_AUDITORS_TOO = {
    *("phones:events", "phones:events-export", "phones:events-export-excel", "phones:events-chosen"),
    *("phones:channels", "phones:tokens"),
}
# For who may read the record of everybody.
FOR_READERS_OF_THE_AUDIT_LOG = {
    "phones:audit": "get",
    "phones:audit-export": "get",
    "phones:audit-export-excel": "get",
    "phones:audit-chosen": "post",
}
# Asked in `tests/phones/views/mails`, as is `phones:channels`.
OF_CHANNELS = {"phones:channel", "phones:channel-act", "phones:channel-delete"}
# The pool is the partner's own: whoever has a role sees it. Asked in `tests/phones/views/pool`.
OF_THE_POOL = {f"preverified:{page}" for page in ("add", "read-pool", "number", "read", "release", "confirm", "act")}
# Whom one may change and whom not: `tests/phones/views/people`.
OF_PEOPLE = {"phones:person", "phones:person-invite", "phones:person-withdraw"}
# A view is its owner's own, whatever clients they have. Asked in `tests/phones/views/saved`. So is a bulk run, but for
# leads: `tests/phones/bulk`.
OF_A_PERSON = {"phones:view", *(f"phones:bulk-{page}" for page in ("run", "act", "results", "results-excel"))}
# What Django's admin has for everyone with the staff flag, and what that person gets without the role.
ADMIN_FOR_STAFF = {
    "admin:index": 200,
    "admin:login": 302,
    "admin:logout": 302,
    "admin:password_change": 302,
    "admin:password_change_done": 302,
    "admin:autocomplete": 403,
    "admin:jsi18n": 200,
    "admin:view_on_site": 404,
    "admin:app_list": 404,
    "admin:(?P<url>.*)$": 404,
}


def ask_for(world: World, who: str, name: str, whose: str, *, htmx: bool = False) -> Answer:
    """What `who` gets on the route `name` for the thing of `whose`."""
    route, ids = OF_ONE[name], world.things[whose]
    return ask(world.browsers[who], route.method, address_of(name, ids), route.data, ids, htmx=htmx)


def address_of(name: str, ids: dict[str, str]) -> str:
    """Where the route `name` is for the things with these ids; some routes are about no one thing."""
    route = OF_ONE.get(name)
    if route is None:
        return reverse(name)
    return reverse(name, args=[*route.front, ids[route.thing], *(ids.get(part, part) for part in route.more)])
