"""How to reach Graph: address, version, limits of one client.

Values only. Where they come from (environment, settings, a test) is not known here.
"""

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from portal.graph.http.proxies import check_proxy

_VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class GraphConfig:
    """Everything a `GraphClient` needs to know beforehand.

    Times are seconds, sizes are bytes. `check` says whether the values make sense; building one never fails, so that a
    wrong setting can be reported by a system check and not by a crash at import.
    """

    api_url: str = "https://graph.facebook.com"
    version: str = "v25.0"
    app_secret: str = field(default="", repr=False)
    """Signs every call with `appsecret_proof` when set."""
    connect_timeout: float = 5
    """For one address of the host; looking its name up is the operating system's affair and not bounded by this."""
    read_timeout: float = 10
    """Longest silence between two pieces of an answer."""
    total_timeout: float = 30
    """One exchange as a whole, however the server spreads its bytes."""
    max_body_bytes: int = 5 * 2**20
    """Of one answer, after decompression."""
    max_pages: int = 500
    page_limit: int = 100
    """Items asked for per page; 100 is the most Meta's reference allows on the numbers edge."""
    pool_size: int = 64
    """Connections kept open; more threads than this still work, at the price of new connections."""
    retries: int = 2
    """Extra tries after a failure that may pass by itself."""
    user_agent: str = "Numberdesk/0.1"
    ca_bundle: str = field(default="", repr=False)
    """Path of a PEM file with the authorities to trust in place of the usual ones, for a company's own TLS gateway."""

    proxy: str = field(default="", repr=False)
    """Address of the proxy that https calls go through; it may hold a user and a password."""
    no_proxy: str = ""
    """Hosts that are called without it, as the variable NO_PROXY lists them."""

    def check(self) -> None:
        """Nothing when every value is usable; `ValueError` with one sentence about the first that is not."""
        if not _VERSION.fullmatch(self.version):
            raise ValueError(f"The Graph version must look like v25.0, not {self.version[:40]!r}.")
        _check_api_url(self.api_url)
        for name in ("connect_timeout", "read_timeout", "total_timeout", "max_body_bytes", "max_pages", "pool_size"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0.")
        if not 1 <= self.page_limit <= 100:
            raise ValueError("page_limit must be between 1 and 100.")
        if self.retries < 0:
            raise ValueError("retries cannot be negative.")
        if self.ca_bundle and not Path(self.ca_bundle).is_file():
            raise ValueError("ca_bundle must be the path of a file.")
        if self.proxy:
            check_proxy(self.proxy)
        if not re.fullmatch(r"[\x20-\x7e]+", self.user_agent):
            raise ValueError("user_agent must be printable ASCII text.")


def _check_api_url(api_url: str) -> None:
    try:
        parts = urlsplit(api_url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("The Graph address is not a URL.") from None
    if parts.username is not None or parts.query or parts.fragment or not re.fullmatch(r"[\x21-\x7e]+", api_url):
        raise ValueError("The Graph address must be a plain URL: no user, no query, no fragment, no blanks.")
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))):
        raise ValueError("The Graph address must be https; plain http is allowed on this machine only (loopback).")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
