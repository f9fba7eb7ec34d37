"""The table of all routes: who may ask for each, about what, and what they get. A route outside it fails the build.

A line says who may GET the route, who may POST to it, and what its address names. For all of them:

- who is not signed in is led to the login, whatever they ask for, unless the route is open;
- what the address names and they may not see is not there (404), like what is not there;
- what they see and may not do is refused (403);
- a GET of what takes nothing but a form leads to the page above it; any other method is refused (405).
"""

from functools import cache
from typing import Any
from uuid import UUID

from django.urls import reverse

from tests.access.route import (
    AUDITING,
    EVERYBODY,
    LEADING,
    LOOKING,
    SEEING_ALL,
    SIGNED_IN,
    WORKING,
    Route,
    asks,
    does,
    files_of,
    shows,
)
from tests.access.world import ALICE, ids_of

# Lists, and pages about a person's whole book; who has no role finds them empty.
_LISTED = ("clients", "wabas", "syncs", "changes", "bulk-runs")
_BESIDES = ("home", "list", "export", "export-excel", "book-over-time", "approvals", "mentions", "find", "counts")
LISTS = {
    **{
        f"phones:{name}": Route(get=SIGNED_IN)
        for name in (*_LISTED, *_BESIDES, "client-choices", "panel", "value-counts")
    },
    "signup:ledger": Route(get=SIGNED_IN),
    "preverified:board": Route(get=SIGNED_IN),
    "phones:views": Route(get=SIGNED_IN, post=SIGNED_IN),
    "phones:export-chosen": Route(post=SIGNED_IN),
    **{
        route: line
        for name in (*(f"phones:{name}" for name in _LISTED), "signup:ledger", "preverified:board")
        for route, line in files_of(name, SIGNED_IN).items()
    },
}
OF_ONE = {
    "phones:number": shows("number"),
    "phones:as-of": shows("number"),
    "phones:number-news": shows("number"),
    "phones:refresh": asks("number", gets=302),
    "phones:read-profile": asks("number", gets=302),
    "phones:read-details": asks("number", gets=302),
    "phones:message-links": shows("number"),
    "phones:read-links": does("number"),
    "phones:make-link": asks("number"),
    "phones:change-link": asks("number", "{number} {link_code}"),
    "phones:delete-link": asks("number", "{number} {link_code}"),
    "phones:print-link": shows("number", "{number} {link_code}"),
    "phones:code-links": asks("number", gets=302),
    "phones:reveal-pin": asks("number", gets=302),
    "phones:act": asks("number", "{number} register", gets=302),
    "phones:confirm": Route(get=WORKING, thing="number", args="{number} register"),
    "phones:support": shows("number", "{number} {action}"),
    "phones:number-labels": does("number"),
    "phones:number-watch": does("number"),
    "phones:number-notes": does("number", form="text=Seen"),
    "phones:client": shows("client"),
    "phones:client-news": shows("client"),
    "phones:client-links": shows("client"),
    "phones:client-links-revoke": asks("client"),
    "phones:connect-waba": asks("client", posts=422),
    "phones:assign": does("client", post=LEADING),
    "phones:client-contact": does("client"),
    "phones:client-language": does("client"),
    "phones:client-labels": does("client"),
    "phones:client-watch": does("client"),
    "phones:client-notes": does("client", form="text=Seen"),
    "phones:signup-links": does("client"),
    "phones:status-links": does("client"),
    "phones:note-edit": does("note", form="text=Seen"),
    "phones:note-delete": does("note"),
    "phones:portfolio": shows("portfolio"),
    "phones:waba": shows("waba"),
    "phones:ask": does("waba", form="account_mode=LIVE", posts=200),
    "phones:read-waba-details": asks("waba", gets=302),
    "phones:add-number": asks("waba"),
    "phones:move-number": asks("waba"),
    "phones:events-check": does("waba"),
    "phones:events-subscribe": asks("waba"),
    "phones:events-override": asks("waba", get=LEADING, post=LEADING),
    "phones:offboard-client": asks("client"),
    "phones:offboard-number": asks("number", gets=302),
    "phones:offboarding": shows("case"),
    "phones:offboarding-step": does("case", "{case} {leaving_step}"),
    "phones:offboarding-certify": does("case"),
    "phones:offboarding-give-up": asks("case"),
    "phones:events-unsubscribe": asks("waba"),
    "phones:revoke-credit-line": asks("waba"),
    "phones:sync": shows("run"),
    "phones:approval": shows("approval"),
    "phones:approval-decide": does("approval", "{approval} refuse"),
    "signup:attempt": shows("attempt"),
    "signup:claim": does("attempt", post=LEADING),
    "signup:set-aside": does("attempt"),
    "signup:onboarding": shows("onboarding"),
    "signup:retry": does("onboarding"),
    "signup:dismiss": does("onboarding"),
    "signup:revoke": does("signup_link", "signup {signup_link}"),
    "signup:qr": Route(get=WORKING, thing="signup_link", args="signup {signup_link}"),
    "phones:bulk-run": shows("bulk"),
    "phones:bulk-results": shows("bulk"),
    "phones:bulk-results-excel": shows("bulk"),
    "phones:bulk-act": does("bulk", "{bulk} cancel"),
    "phones:mail": shows("mail"),
    "phones:view": Route(get=LOOKING, post=LOOKING, thing="view", args="{view}", gets=302, form="do=open-first"),
}
# The pool is the partner's own: whoever has a role sees it.
OF_POOL = {
    "preverified:number": shows("pool"),
    "preverified:confirm": Route(get=WORKING, thing="pool", args="{pool} request-code"),
    "preverified:act": asks("pool", "{pool} request-code", gets=302),
    "preverified:read": does("pool"),
    "preverified:release": does("pool"),
    "preverified:add": Route(get=WORKING, post=WORKING),
    "preverified:read-pool": Route(post=WORKING),
    "preverified:read-chosen": Route(post=WORKING),
}
# Of no one thing; what a form names is asked for in `test_foreign.py`.
FORMS = {
    "phones:client-new": Route(get=WORKING, post=WORKING, posts=200),
    "phones:clients-assign": Route(post=WORKING),
    "phones:bulk-plan": Route(post=WORKING, posts=400),
    "phones:sync-start": Route(post=SIGNED_IN, posts=400),
    "phones:changes-seen": Route(post=SIGNED_IN),
    "phones:mentions-seen": Route(post=SIGNED_IN),
    "phones:find-remember": Route(post=SIGNED_IN, posts=404),
    "phones:columns": Route(get=SIGNED_IN, gets=302, post=SIGNED_IN, posts=400),
    "phones:news": Route(get=SIGNED_IN, gets=400),
    "phones:keys": Route(get=SIGNED_IN),
    "phones:mail-settings": Route(get=SIGNED_IN, post=SIGNED_IN, posts=200),
    "phones:mail-trial": Route(post=SIGNED_IN),
    "signup:retry-many": Route(post=WORKING),
    "signup:revoke-many": Route(post=WORKING),
}
# About all clients at once, or about the desk itself.
OF_DESK_ITSELF = {
    "phones:events": Route(get=SEEING_ALL),
    **files_of("phones:events", SEEING_ALL),
    "phones:events-replay": Route(post=LEADING),
    "phones:callback": Route(get=LEADING, post=LEADING),
    "phones:callback-check": Route(post=LEADING),
    "phones:handover": Route(get=LEADING, post=LEADING, posts=422),
    "phones:labels": Route(get=LEADING, post=LEADING),
    "phones:tokens": Route(get=SEEING_ALL),
    "phones:operations": Route(get=LEADING),
    "phones:endings": Route(get=LEADING),
    "phones:channels": Route(get=SEEING_ALL, post=LEADING, posts=200),
    "phones:channel": asks("channel", get=LEADING, post=LEADING, posts=200, role_first=True),
    "phones:channel-delete": asks("channel", get=LEADING, post=LEADING, role_first=True),
    "phones:channel-act": does("channel", "{channel} switch", post=LEADING, role_first=True),
    "phones:people": Route(get=LEADING),
    "phones:person-new": Route(get=LEADING, post=LEADING, posts=200),
    "phones:person-invite": does("person", post=LEADING, role_first=True),
    "phones:person-withdraw": does("person", post=LEADING, role_first=True),
    "phones:person": asks("person", get=LEADING, post=LEADING, posts=200, role_first=True),
    "phones:audit": Route(get=AUDITING),
    **files_of("phones:audit", AUDITING),
}
# Views of allauth and Django, which take more methods than ours.
_VIEW, _FORM_VIEW = {"options": 200}, {"options": 200, "put": 200}
_OWN_LOGIN: dict[str, Any] = {"get": SIGNED_IN, "post": SIGNED_IN}
OF_LOGIN = {
    "mfa_index": Route(get=SIGNED_IN, others=_VIEW),
    "account_change_password": Route(**_OWN_LOGIN, posts=200, others=_FORM_VIEW),
    "account_reauthenticate": Route(**_OWN_LOGIN, posts=200, others=_FORM_VIEW),
    "mfa_reauthenticate": Route(
        **_OWN_LOGIN, gets=302, others=dict.fromkeys(("put", "patch", "delete", "options"), 302)
    ),
    "mfa_reauthenticate_webauthn": Route(**_OWN_LOGIN, others={"options": 200, "put": 302}),
    "mfa_activate_totp": Route(**_OWN_LOGIN, posts=200, others=_FORM_VIEW),
    "mfa_deactivate_totp": Route(
        **_OWN_LOGIN, gets=404, posts=404, others=dict.fromkeys(("put", "patch", "delete", "options"), 404)
    ),
    "mfa_add_webauthn": Route(**_OWN_LOGIN, posts=200, others=_FORM_VIEW),
    "mfa_view_recovery_codes": Route(get=SIGNED_IN, gets=404, others=_VIEW),
    "mfa_generate_recovery_codes": Route(**_OWN_LOGIN, others={"options": 200, "put": 302}),
    "mfa_edit_webauthn": asks("passkey", **_OWN_LOGIN, posts=200, others=_FORM_VIEW),
    "mfa_remove_webauthn": asks("passkey", **_OWN_LOGIN, others={"options": 200, "delete": 302}),
    "account_end_session": does("session", post=SIGNED_IN),
    "account_end_others": Route(post=SIGNED_IN),
    "account_again_sso": Route(get=SIGNED_IN, gets=404),
    "account_logout": Route(post=SIGNED_IN, others=_VIEW),
}
# For who has no login, or is not signed in yet. A wrong secret is asked for; right ones, in `test_links.py`.
_OPEN: dict[str, Any] = {"is_open": True, "get": EVERYBODY, "post": EVERYBODY}
_SECRET = "WrongSecret"
_ALL_TAKEN = dict.fromkeys(("put", "patch", "delete", "options"), 302)
OPEN = {
    "account_login": Route(**_OPEN, posts=200, away=302, others=_FORM_VIEW),
    "mfa_login_webauthn": Route(**_OPEN, gets=302, away=302, others={"options": 200, "put": 302}),
    "mfa_authenticate": Route(**_OPEN, gets=302, others=_ALL_TAKEN),
    "account_start_over": Route(is_open=True, post=EVERYBODY),
    "account_inactive": Route(is_open=True, get=EVERYBODY, others=_VIEW),
    "account_reset_password": Route(**_OPEN, posts=200),
    "account_forgotten_link": Route(**_OPEN, args=_SECRET, gets=404, posts=404),
    "account_invitation": Route(**_OPEN, args=_SECRET, gets=404, posts=404),
    "openid_connect_login": Route(**_OPEN, args="none", gets=404, posts=404, others=dict.fromkeys(_ALL_TAKEN, 404)),
    "openid_connect_callback": Route(**_OPEN, args="none", gets=404, posts=404, others=dict.fromkeys(_ALL_TAKEN, 404)),
    "phones:unsubscribe": Route(**_OPEN, args=_SECRET, gets=404, posts=404),
    "signup:page": Route(is_open=True, get=EVERYBODY, args=_SECRET, gets=404),
    "signup:status": Route(is_open=True, get=EVERYBODY, args=_SECRET, gets=404),
    "signup:certificate": Route(is_open=True, get=EVERYBODY, args=f"{_SECRET} 1", gets=404),
    "signup:progress": Route(is_open=True, get=EVERYBODY, args=f"{_SECRET} {UUID(int=1)}", gets=404),
    "signup:code": Route(**_OPEN, args=_SECRET, gets=404, posts=404),
    "signup:begin": Route(is_open=True, post=EVERYBODY, args=_SECRET, posts=404),
    "signup:event": Route(is_open=True, post=EVERYBODY, args=_SECRET, posts=404),
    "signup:finish": Route(is_open=True, post=EVERYBODY, args=_SECRET, posts=400),
    "phones:webhook": Route(**_OPEN, gets=403, posts=403, others={"head": 405}),
    "phones:webhook-without-slash": Route(**_OPEN, gets=403, posts=403, others={"head": 405}),
    "healthz": Route(is_open=True, get=EVERYBODY),
    "readyz": Route(is_open=True, get=EVERYBODY, gets=503),
    "metrics": Route(is_open=True, get=EVERYBODY, gets=404),
}
# The page about the API, our webhooks, and one's tokens. A new token is asked for in `test_page.py` of them.
OF_API_PAGES = {
    "api-v1:docs": Route(get=LOOKING),
    "api-v1:openapi": Route(get=LOOKING),
    "phones:api-tokens": Route(get=LOOKING, post=LOOKING, posts=200),
    "phones:api-token-revoke": Route(post=SIGNED_IN, thing="api_token", args="{api_token}"),
    "phones:outgoing": Route(get=LEADING, post=LEADING, posts=200),
    "phones:outgoing-act": does("webhook", "{webhook} switch", post=LEADING, role_first=True),
    "phones:api-service-new": Route(post=AUDITING - {"iris"}),
}
ROUTES = {**LISTS, **OF_ONE, **OF_POOL, **FORMS, **OF_DESK_ITSELF, **OF_LOGIN, **OPEN, **OF_API_PAGES}

# By token and not by session: `test_api.py` asks them. Bodies as JSON; `posts` is what Meta's refusal comes to.
_BRAND = '{"business_website_url": "https://harbor.example", "primary_country_of_operation": "Spain"}'
_HOOK = '{"callback_url": "https://hooks.example/wa", "verify_token": "a"}'
_PIN, _LAST = '{"pin": "123456"}', f'{{"last_digits": "{str(ALICE)[-4:]}"}}'
API = {
    **{f"api-v1:{name}": Route(get=LOOKING) for name in ("numbers", "wabas", "clients", "changes")},
    **{f"api-v1:{name}": Route(get=LOOKING) for name in ("signups", "pool", "runs", "actions")},
    "api-v1:numbers-one": shows("number"),
    "api-v1:wabas-one": shows("waba"),
    "api-v1:clients-one": shows("client"),
    "api-v1:signups-one": shows("attempt"),
    "api-v1:pool-one": shows("pool"),
    "api-v1:runs-one": shows("run"),
    "api-v1:actions-one": shows("action"),
    "api-v1:numbers-request-code": does("number", form='{"code_method": "SMS"}', posts=409),
    "api-v1:numbers-verify-code": does("number", form='{"code": "123456"}', posts=409),
    "api-v1:numbers-register": does("number", form=_PIN, posts=409),
    "api-v1:numbers-deregister": does("number", form=_LAST, posts=409),
    "api-v1:numbers-pin": does("number", form=_PIN, posts=409),
    "api-v1:numbers-display-name": does("number", form='{"new_display_name": "Alpha"}', posts=409),
    "api-v1:numbers-profile": does("number", form='{"about": "Bread"}', posts=409),
    "api-v1:numbers-calls": does("number", form='{"status": "ENABLED"}', posts=409),
    "api-v1:numbers-storage": does("number", form="{}", posts=409),
    "api-v1:numbers-identity-check": does("number", form='{"enable_identity_key_check": true}', posts=409),
    "api-v1:numbers-automation": does("number", form='{"prompts": []}', posts=409),
    "api-v1:numbers-number-callback": does("number", post=LEADING, form=_HOOK, posts=409),
    "api-v1:numbers-official-account": does("number", form=_BRAND, posts=409),
    "api-v1:numbers-username": does("number", form='{"username": "alpha"}', posts=409),
    "api-v1:numbers-drop-username": does("number", form="{}", posts=409),
    "api-v1:numbers-refresh": does("number", posts=422),
    "api-v1:wabas-add-number": does(
        "waba", form='{"phone_number": "+34912345678", "verified_name": "Alpha"}', posts=409
    ),
    "api-v1:runs-start": Route(post=LEADING, form='{"scope": "everything"}', posts=200),
    "api-v1:nothing": Route(is_open=True, args="no/such/thing"),
}


@cache
def address_of(name: str, at: int) -> str:
    """Where the route `name` is, for the things whose ids begin at `at`."""
    return reverse(name, args=[part.format_map(ids_of(at)) for part in {**ROUTES, **API}[name].args.split()])
