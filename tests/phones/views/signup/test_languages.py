"""Client pages in the client's language, and the ways to send a link."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse

from clients import links
from clients.models import Client, SignupLink, User, Waba
from phones.models import PhoneNumber
from phones.onboarding.codes import code_link_for
from tests import catalogues
from tests.conftest import SignIn
from tests.factories import make_listing
from tests.phones.reading import text_of

pytestmark = pytest.mark.django_db

TITLES = {
    "en": "Connect your WhatsApp number",
    "es": "Conecta tu número de WhatsApp",
    "pt-br": "Conecte seu número do WhatsApp",
    "fr": "Connectez votre numéro WhatsApp",
    "de": "Verbinden Sie Ihre WhatsApp-Nummer",
    "id": "Hubungkan nomor WhatsApp Anda",
    "hi": "अपना WhatsApp नंबर कनेक्ट करें",
    "ar": "اربط رقمك على واتساب",
}


@pytest.fixture
def link(alices_client: Client, account_manager: User) -> SignupLink:
    return links.make_signup_link(client=alices_client, actor=account_manager)


def page_of(link: SignupLink, browser: Browser | None = None, query: str = "", *, asks_for: str = "") -> str:
    address = reverse("signup:page", args=[links.token_of(link)])
    return text_of((browser or Browser()).get(f"{address}{query}", headers={"accept-language": asks_for}))


def test_the_browser_chooses_the_language_where_the_link_names_none(link: SignupLink) -> None:
    asked = {code: page_of(link, asks_for=f"{code},en;q=0.5") for code, _name in settings.LANGUAGES}

    assert {code: f"<h1>{title}</h1>" in asked[code] for code, title in TITLES.items()} == dict.fromkeys(TITLES, True)
    assert TITLES["pt-br"] in page_of(link, asks_for="pt-PT")
    assert TITLES["en"] in page_of(link, asks_for="ja")
    assert '<html lang="ar" dir="rtl">' in asked["ar"]


def test_the_link_chooses_before_the_browser_and_the_client_by_hand_before_both(link: SignupLink) -> None:
    link.language = "de"
    link.save()
    browser = Browser()

    assert TITLES["de"] in page_of(link, browser, asks_for="fr")
    assert TITLES["hi"] in page_of(link, browser, "?language=hi")
    assert TITLES["hi"] in page_of(link, browser, asks_for="fr"), "the choice is remembered"
    assert TITLES["de"] in page_of(link, Browser(), "?language=xx")


def test_a_closed_or_unknown_link_is_explained_in_the_clients_language(link: SignupLink) -> None:
    unknown = reverse("signup:page", args=["x" * 43])

    assert "Dieser Link ist geschlossen" in text_of(Browser().get(unknown, headers={"accept-language": "de"}))


def test_an_invitation_is_written_in_the_language_of_the_link(
    link: SignupLink, account_manager: User, sign_in: SignIn
) -> None:
    link.language = "es"
    link.save()
    page = sign_in(account_manager).get(f"/clients/{link.client_id}/").content.decode()
    address = reverse("signup:page", args=[links.token_of(link)])

    whatsapp = re.findall(r'href="(https://wa\.me/[^"]+)"', page)[0].replace("&amp;", "&")
    text = parse_qs(urlsplit(whatsapp).query)["text"][0]
    assert text.startswith("Hola:")
    assert address in text
    mail = unquote(re.findall(r'href="(mailto:[^"]+)"', page)[0])
    assert "subject=Conecta tu número de WhatsApp" in mail
    assert address in mail


def test_the_qr_code_is_for_who_may_send_the_link(
    link: SignupLink, account_manager: User, other_manager: User, sign_in: SignIn
) -> None:
    sheet = reverse("signup:qr", args=["signup", link.pk])

    shown = sign_in(account_manager).get(sheet)
    assert "<svg" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert sign_in(other_manager).get(sheet).status_code == 404


def test_the_qr_code_of_a_number_of_two_clients_names_the_one_that_the_person_sees(
    foreign_number: PhoneNumber, alices_waba: Waba, account_manager: User, sign_in: SignIn
) -> None:
    make_listing(foreign_number, alices_waba)
    link = code_link_for(number=foreign_number, actor=account_manager)

    sheet = text_of(sign_in(account_manager).get(reverse("signup:qr", args=["code", link.pk])))

    assert "Alpha Bakery" in sheet
    assert "Zeta" not in sheet


def test_a_code_link_speaks_the_clients_language(alices_number: PhoneNumber, account_manager: User) -> None:
    Client.objects.filter(pk=alices_number.waba.client_id).update(language="fr")

    assert code_link_for(number=alices_number, actor=account_manager).language == "fr"


def test_every_catalogue_is_whole_and_compiled() -> None:
    assert catalogues.check() == []
