"""In which language a client reads a page: their own choice, else the link's, else the browser's, else English."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

# What the switch on the page sends; the browser keeps it in a cookie for these pages only.
PARAMETER = "language"
# How Meta's SDK is addressed in each: https://developers.facebook.com/docs/javascript/advanced-setup#locale
META_LOCALES = {
    "en": "en_US",
    "es": "es_LA",
    "pt-br": "pt_BR",
    "fr": "fr_FR",
    "de": "de_DE",
    "id": "id_ID",
    "hi": "hi_IN",
    "ar": "ar_AR",
}
_YEAR = 365 * 24 * 3600


def language_of(request: HttpRequest, *, of_link: str = "") -> str:
    """The language of the page. What a client chose by hand goes before what the link was made in."""
    for chosen in (request.GET.get(PARAMETER, ""), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""), of_link):
        if chosen in dict(settings.LANGUAGES):
            return str(chosen)
    return _of_browser(request.headers.get("Accept-Language", ""))


def sdk_address() -> str:
    """Where Meta's SDK is, in the language of the page where the setting has the usual address."""
    locale = META_LOCALES[translation.get_language() or settings.LANGUAGE_CODE]
    address: str = settings.META_SDK_URL
    return address.replace("/en_US/", f"/{locale}/")


def remember(request: HttpRequest, response: HttpResponse) -> None:
    """Name the page's language in its header; keep in a cookie what the client has just chosen by hand."""
    response["Content-Language"] = translation.get_language()
    chosen = request.GET.get(PARAMETER, "")
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=_YEAR,
            secure=settings.IS_HTTPS,
            httponly=True,
            samesite="Lax",
        )


def _of_browser(header: str) -> str:
    """The first language that the browser asks for and we have, in any variant: `pt` and `pt-PT` get `pt-br`."""
    ours = [code for code, _name in settings.LANGUAGES]
    for wanted, _weight in parse_accept_lang_header(header[:500].lower()):
        for code in ours:
            if wanted == code or wanted.split("-")[0] == code.split("-")[0]:
                return code
    return settings.LANGUAGE_CODE
