"""Reads the numbers list as a person does: which numbers are on a page, in which order, and where the next page is."""

import re
from html import unescape
from urllib.parse import urlsplit

from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.test import Client as Browser

from clients.models import User
from phones.listing.selection import NumberList
from tests.phones.reading import in_one_line
from tests.workbooks import body_as_text

LIST = "/phones/"


def text_of(response: HttpResponseBase) -> str:
    """The page's markup, or the whole of a streamed file."""
    pieces = response.streaming_content if response.streaming else [response.content]  # type: ignore[attr-defined] # on every kind of response
    text = body_as_text(b"".join(pieces))
    return in_one_line(text) if response.headers["Content-Type"].startswith("text/html") else text


def ids_on(response: HttpResponseBase) -> list[str]:
    """The Graph ids of the rows, in order."""
    return re.findall(r'data-phone-number-id="([^"]*)"', text_of(response))


def page_of(browser: Browser, **parameters: str | list[str]) -> HttpResponseBase:
    """The list at these parameters."""
    response = browser.get(LIST, parameters)
    assert response.status_code == 200
    return response


def shown(browser: Browser, **parameters: str | list[str]) -> list[str]:
    """The Graph ids on the first page, in order. As when one types or filters, the results alone are asked for."""
    response = browser.get(LIST, parameters, headers={"HX-Request": "true"})
    assert response.status_code == 200
    return ids_on(response)


def found(browser: Browser, **parameters: str | list[str]) -> set[str]:
    """The Graph ids on the first page."""
    return set(shown(browser, **parameters))


def link(response: HttpResponseBase, rel: str) -> str | None:
    """The address behind "next" or "prev", if there is such a page."""
    match = re.search(rf'rel="{rel}" href="([^"]*)"', text_of(response))
    return unescape(match[1]) if match else None


def pages_from(browser: Browser, address: str, rel: str = "next") -> list[list[str]]:
    """The Graph ids of every page from `address` on, turned as the browser does it: the results alone are asked for."""
    pages = []
    following: str | None = address
    while following:
        response = browser.get(following, headers={"HX-Request": "true"})
        pages.append(ids_on(response))
        following = link(response, rel)
        assert len(pages) < 100
    return pages


def walked(person: User, query: str) -> list[list[str]]:
    """The same of the list that a page shows, without writing pages: a fifth of the time, where there are many."""
    pages = []
    following: str | None = f"{LIST}?{query}"
    while following:
        found = NumberList(QueryDict(urlsplit(following).query), person)
        pages.append([number.phone_number_id for number in found.found.rows])
        following = str(found.next) if found.next else None
        assert len(pages) < 100
    return pages
