"""Single sign-on against a provider on this machine: its groups give the roles, and take them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client as Browser
from pytest_django import Settings

from clients.choices import Role
from clients.models import User
from portal.allauth_settings import OidcProvider, allauth_settings
from tests.clients.signing_in.browsers import code_of, stale, with_app
from tests.clients.signing_in.provider import Provider, running_provider
from tests.factories import make_person

pytestmark = pytest.mark.django_db
NINA = {
    "sub": "248289761001",
    "preferred_username": "nina",
    "email": "nina@example.com",
    "email_verified": True,
    "groups": ["everybody", "desk-managers"],
}


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    with running_provider() as found:
        settings.OIDC_ISSUER, settings.OIDC_NAME = found.address, "Example account"
        settings.OIDC_GROUPS = ["desk-managers=Account managers", "desk-admins=Administrators"]
        told = allauth_settings(
            is_https=False,
            is_plain_local=True,
            fresh_minutes=15,
            provider=OidcProvider("Example account", found.address, "desk", "the-secret-of-the-desk"),
        )
        settings.SOCIALACCOUNT_PROVIDERS = told["SOCIALACCOUNT_PROVIDERS"]
        found.claims = dict(NINA)
        yield found


def sign_in(browser: Browser, begin: str = "/account/sso/login/?next=/clients/") -> tuple[int, str]:
    """What the browser gets when the provider has sent it back."""
    asked = parse_qs(urlsplit(browser.get(begin)["Location"]).query)
    assert (asked["response_type"], asked["code_challenge_method"]) == (["code"], ["S256"])
    back = urlsplit(asked["redirect_uri"][0]).path
    answer = browser.get(back, {"code": "a-code", "state": asked["state"][0]})
    return answer.status_code, answer.get("Location", answer.content.decode())


def test_a_person_of_a_mapped_group_gets_in_with_its_role_and_loses_it_with_the_group(
    provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    browser = Browser()
    assert "Example account" in browser.get("/login/").content.decode()
    assert sign_in(browser) == (302, "/clients/")
    nina = User.objects.get(username="nina")
    assert [group.name for group in nina.groups.all()] == [Role.ACCOUNT_MANAGER]
    assert (nina.has_usable_password(), nina.is_staff) == (False, False)
    assert provider.tokens[0]["client_secret"] == ["the-secret-of-the-desk"]

    provider.claims["groups"] = "desk-admins"
    assert sign_in(Browser()) == (302, "/clients/")
    nina.refresh_from_db()
    assert ([group.name for group in nina.groups.all()], nina.is_staff) == ([Role.ADMINISTRATOR], True)

    provider.claims["groups"] = ["everybody"]
    status, said = sign_in(refused := Browser())
    assert (status, "none of the groups" in said) == (403, True)
    nina.refresh_from_db()
    assert (nina.groups.count(), nina.is_staff) == (0, False)
    assert refused.get("/")["Location"].startswith("/login/")
    assert browser.get("/clients/").content.decode().count("You have no role yet") == 1, "open sessions follow at once"
    assert "the-secret-of-the-desk" not in caplog.text
    assert User.objects.count() == 1


def test_nobody_of_another_group_is_made_and_known_people_are_known_by_a_checked_address_only(
    provider: Provider,
) -> None:
    provider.claims["groups"] = ["everybody"]
    assert sign_in(Browser())[0] == 403
    assert not User.objects.exists()

    alice = make_person("alice", Role.VIEWER)
    provider.claims |= {"email": "Alice@example.com", "email_verified": False, "groups": ["desk-managers"]}
    assert sign_in(Browser())[0] == 302
    assert User.objects.count() == 2, "somebody else who says to have her address"
    provider.claims |= {"sub": "another", "email_verified": True}
    assert sign_in(Browser())[0] == 302
    assert User.objects.get(groups__name=Role.ACCOUNT_MANAGER, username="alice") == alice

    make_person("root", is_superuser=True)
    provider.claims |= {"sub": "a third", "email": "root@example.com"}
    assert sign_in(browser := Browser())[0] == 302
    assert browser.get("/admin/").status_code == 302, "no group makes a superuser"


def test_a_forged_answer_signs_nobody_in_and_a_second_factor_is_still_asked_for(provider: Provider) -> None:
    browser = Browser()
    browser.get("/account/sso/login/")
    forged = browser.get("/account/sso/login/callback/", {"code": "a-code", "state": "of-somebody-else"})
    assert forged.status_code == 403
    provider.claims["sub"] = "who the token does not name"
    provider.token = lambda: {**Provider("x", NINA).token(), "access_token": "a"}  # type: ignore[method-assign] # of another issuer and person
    assert sign_in(browser)[0] == 403
    del provider.token
    provider.claims["sub"] = NINA["sub"]
    assert not User.objects.exists()

    assert sign_in(Browser())[0] == 302
    with_app(User.objects.get(username="nina"))
    assert sign_in(browser) == (302, "/account/code/")
    assert browser.post("/account/code/", {"code": code_of()})["Location"] == "/clients/"


def test_a_provider_that_cannot_be_reached_is_said_in_words(provider: Provider, settings: Settings) -> None:
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    for issuer in ("http://127.0.0.1:9", f"{provider.address}/userinfo/.well-known/none"):
        app["settings"]["server_url"] = issuer
        answer = Browser().get("/account/sso/login/")
        assert (answer.status_code, b"did not work this time" in answer.content) == (502, True), issuer
    assert Browser().get("/account/other/login/").status_code == 404


def test_who_has_nothing_but_single_sign_on_is_asked_again_by_the_provider(provider: Provider) -> None:
    provider.claims["groups"] = ["desk-admins"]
    browser = Browser()
    sign_in(browser)
    stale(browser)

    again = browser.get("/phones/export.csv")["Location"]

    assert again == "/account/again/sso/?next=%2Fphones%2F"
    assert "auth_params=prompt%3Dlogin" in browser.get(again).content.decode()
    asked = browser.get("/account/sso/login/?auth_params=prompt%3Dlogin")["Location"]
    assert parse_qs(urlsplit(asked).query)["prompt"] == ["login"]
    assert sign_in(browser, "/account/sso/login/?auth_params=prompt%3Dlogin&next=/phones/") == (302, "/phones/")
    assert browser.get("/phones/export.csv").status_code == 200
