"""Where a request comes from and whether it was encrypted: the one place that decides it, for all of the desk.

`X-Forwarded-For` is written by whoever sends the request, and each proxy adds at the end who it got the request from.
So it is read from its end, and only as far as the proxies that TRUSTED_PROXIES names. `X-Forwarded-Proto` is taken from
these proxies and from nobody else.
"""

import ipaddress
from collections.abc import Callable, Iterator
from functools import lru_cache

import structlog
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django_structlog.signals import bind_extra_request_metadata

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
UNIX = "unix"  # a proxy on this machine that comes by a socket in the file system, and so has no address
_LONGEST_CHAIN = 20


def client_address(request: HttpRequest) -> Address | None:
    """Who sent the request, as far as trusted proxies say it; None when that is a socket without an address."""
    address = _read(request.META.get("REMOTE_ADDR", ""))
    if not _is_trusted(address):
        return address
    for said in _from_the_end(request.META.get("HTTP_X_FORWARDED_FOR", "")):
        before = _read(said)
        if before is None:
            return address
        address = before
        if not _is_trusted(address):
            return address
    return address


class SchemeIsWhatTrustedProxiesSay:
    """Has a request count as encrypted where a trusted proxy says so; what others say of it is dropped."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said = request.META.pop("HTTP_X_FORWARDED_PROTO", "")
        if said and _is_trusted(_read(request.META.get("REMOTE_ADDR", ""))):
            # Of several the nearest proxy wrote the last one.
            is_encrypted = said.rpartition(",")[2].strip().lower() == "https"
            request.META["wsgi.url_scheme"] = "https" if is_encrypted else "http"
        return self.get_response(request)


def networks_of(names: tuple[str, ...]) -> tuple[Network, ...]:
    """The networks among TRUSTED_PROXIES. Raises ValueError for what is none."""
    return tuple(ipaddress.ip_network(name) for name in names if name != UNIX)


@receiver(bind_extra_request_metadata)
def _log_it(request: HttpRequest, **_: object) -> None:
    """Put the address into every line that is logged for the request, in place of the one that the library guesses."""
    address = client_address(request)
    structlog.contextvars.bind_contextvars(ip=str(address) if address else None)


def _is_trusted(address: Address | None) -> bool:
    names = tuple(settings.TRUSTED_PROXIES)
    if address is None:
        return UNIX in names
    return any(address in network for network in _known_networks(names))


@lru_cache(maxsize=8)
def _known_networks(names: tuple[str, ...]) -> tuple[Network, ...]:
    return networks_of(names)


def _from_the_end(header: str) -> Iterator[str]:
    yield from reversed(header.split(",")[-_LONGEST_CHAIN:])


def _read(text: str) -> Address | None:
    """An address as proxies write it: some add the port, some put brackets around IPv6."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        return address.ipv4_mapped or ipaddress.IPv6Address(int(address))  # without the name of an interface
    return address
