"""Posts to addresses that people of ours have entered: encrypted, to public addresses only, and over in time.

The name is looked up once, every address it has is looked at, and the connection goes to one of those: a name that
leads elsewhere the second time gains nothing. No redirects, no proxy, and nothing is read of what comes back but the
status.
"""

import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

SECONDS = 10.0
_LONGEST_ADDRESS = 2_000
_LONGEST_HOST = 253  # of DNS
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# All that IANA has given to the public internet. What is outside stands for an IPv4 address, or is of one network.
_PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")


class NotPostedError(Exception):
    """Nothing was sent; the text says why, and holds nothing of the address but its host."""


class AnswerLostError(Exception):
    """It was sent, or a part of it, and no answer came."""


@dataclass(frozen=True, slots=True)
class _Target:
    host: str
    port: int
    path: str
    is_encrypted: bool


def check_address(address: str, *, private_too: bool, hosts: Sequence[str] = ()) -> str:
    """The host of an address that can be posted to. Raises NotPostedError; asks no name server."""
    return _target(address, private_too=private_too, hosts=hosts).host


def post(
    address: str, body: bytes, headers: Mapping[str, str], *, private_too: bool = False, hosts: Sequence[str] = ()
) -> int:
    """The status that came back. `private_too`: addresses of this machine and its network are allowed, and plain http.

    `hosts`: no others are posted to, where any is named; "*.example.com" names all below one.
    Raises NotPostedError where certainly nothing arrived, and AnswerLostError where it may have.
    """
    target = _target(address, private_too=private_too, hosts=hosts)
    sock = _connect(target, private_too=private_too)
    watchdog = threading.Timer(SECONDS, _cut, args=[sock])
    watchdog.daemon = True
    watchdog.start()
    connection = http.client.HTTPConnection(target.host, target.port, timeout=SECONDS)
    connection.sock = sock
    try:
        connection.request("POST", target.path, body, dict(headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise AnswerLostError(f"{target.host} did not answer within {SECONDS:.0f} seconds.") from error
    finally:
        watchdog.cancel()
        connection.close()


def signed(body: bytes, *, secret: str, at: int) -> dict[str, str]:
    """The headers by which a receiver knows that it is ours and how old: HMAC-SHA256 of time, dot and body."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Numberdesk-Timestamp": str(at), "Numberdesk-Signature": f"sha256={digest}"}


def _target(address: str, *, private_too: bool, hosts: Sequence[str]) -> _Target:
    wrong = NotPostedError("The address must be https:// and a host, and may have a path.")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise wrong from None
    host = parts.hostname or ""
    allowed = {"https", "http"} if private_too else {"https"}
    is_plain = address.isascii() and address.isprintable() and " " not in address and len(address) <= _LONGEST_ADDRESS
    if parts.scheme not in allowed or not 0 < len(host) <= _LONGEST_HOST or parts.username is not None or not is_plain:
        raise wrong
    if hosts and not any(_is_named(host, name) for name in hosts):
        raise NotPostedError(f"{host} is not among the hosts that this desk may post to.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Target(host, port or (443 if parts.scheme == "https" else 80), path, parts.scheme == "https")


def _is_named(host: str, name: str) -> bool:
    return host.endswith(name[1:]) if name.startswith("*.") else host == name


def _connect(target: _Target, *, private_too: bool) -> socket.socket:
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotPostedError(f"There is no {target.host}, as far as the name servers know.") from None
    addresses = [str(one[4][0]) for one in found]
    if not private_too and not all(_is_public(one) for one in addresses):
        raise NotPostedError(f"{target.host} is not on the public internet.")
    try:
        plain = socket.create_connection((addresses[0], target.port), timeout=SECONDS)
    except OSError:
        raise NotPostedError(f"{target.host} can’t be reached.") from None
    if not target.is_encrypted:
        return plain
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
    except OSError:
        plain.close()
        raise NotPostedError(f"{target.host} has no valid certificate, or speaks no TLS.") from None


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = [ip]
    if isinstance(ip, ipaddress.IPv6Address):
        if ip not in _PUBLIC_IPV6 and ip not in _NAT64:
            return False
        # Addresses that stand for an IPv4 address behind a gateway.
        behind = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in _NAT64 else None
        inner += [one for one in (ip.ipv4_mapped, ip.sixtofour, behind, *(ip.teredo or ())) if one is not None]
    return all(one.is_global and not one.is_multicast for one in inner)


def _cut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        sock.close()
