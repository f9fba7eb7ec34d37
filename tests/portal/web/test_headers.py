"""What browsers are told with every answer: of files, of refusals, of addresses that hold a secret."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from clients import links
from clients.models import Client, User
from clients.signing_in import links as choosing
from phones.alerts import unsubscribing
from phones.models import PhoneNumber
from phones.onboarding import codes
from portal.logs import holds_link_secret

SAFE = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin"}


@pytest.mark.parametrize("path", ["/static/portal.js", "/static/css/nothing.css", "/login/", "/nothing/", "/healthz"])
def test_files_and_refusals_have_the_headers_of_pages(db: None, path: str) -> None:
    answer = Browser().get(path)

    assert SAFE.items() <= dict(answer.headers).items()
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "camera=()" in answer["Permissions-Policy"]


def test_a_page_with_a_secret_in_its_address_names_it_to_nobody(
    alices_client: Client, alices_number: PhoneNumber, account_manager: User
) -> None:
    status = links.make_status_link(client=alices_client, actor=account_manager)
    signup = links.make_signup_link(client=alices_client, actor=account_manager)
    addresses = [
        reverse("signup:status", args=[links.token_of(status)]),
        reverse("signup:code", args=[links.token_of(codes.code_link_for(number=alices_number, actor=None))]),
        unsubscribing.address_for(account_manager, "digest"),
        *(choosing.address_for(account_manager, kind) for kind in choosing.LIFETIMES),
        reverse("signup:code", args=["x" * 43]),  # unknown, and so not found
        reverse("signup:page", args=[links.token_of(signup)]).rstrip("/"),  # sent on to the address with a slash
    ]

    assert {Browser().get(address)["Referrer-Policy"] for address in addresses} == {"no-referrer"}
    # Meta's dialog wants to know which origin opened it; the path stays here all the same.
    assert Browser().get(reverse("signup:page", args=[links.token_of(signup)]))["Referrer-Policy"] == "strict-origin"
    assert Browser().get("/login/")["Referrer-Policy"] == "same-origin"


def test_no_address_holds_a_secret_but_that_of_a_link_that_opens_something_without_a_login() -> None:
    named = {
        "/" + re.sub(r"<\w+:token>", "x" * 43, address).replace("<uuid:public_id>", "1").replace("<int:pk>", "1")
        for address in addresses_of(get_resolver().url_patterns)
        if re.search(r"<(?:\w+:)?\w*(?:token|secret|password|code|pin|key)\w*>", address)
        and "/message-links/" not in address  # whose codes are public: they stand in the links that businesses print
    }

    assert {address for address in named if holds_link_secret(address)} == named
    assert {address.replace("x" * 43, "…") for address in named} == {
        *("/signup/code/…/", "/signup/status/…/", "/mails/unsubscribe/…/"),
        *("/signup/…/", "/signup/…/begin/", "/signup/…/event/", "/signup/…/finish/", "/signup/…/progress/1/"),
        "/signup/status/…/ended/1/",
        *("/account/forgotten/…/", "/account/invitation/…/"),
    }


def addresses_of(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        address = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from addresses_of(pattern.url_patterns, address)
        else:
            yield address


def test_the_form_of_a_page_without_referrer_is_taken_with_its_token_and_no_other_form_is(
    alices_number: PhoneNumber,
) -> None:
    code_page = reverse("signup:code", args=[links.token_of(codes.code_link_for(number=alices_number, actor=None))])
    browser = Browser(enforce_csrf_checks=True, headers={"origin": "null"})  # as browsers post without a referrer

    def post(address: str, token: str) -> int:
        return browser.post(address, {"csrfmiddlewaretoken": token}).status_code

    token = re.findall(r'csrfmiddlewaretoken" value="([^"]+)"', browser.get("/login/").content.decode())[0]
    assert post(code_page, token) == 302
    assert post(code_page, "") == 403
    assert post("/login/", token) == 403
