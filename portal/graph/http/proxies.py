"""Which proxy a call goes through, if any. What the environment says of it comes in by the configuration."""

import ipaddress
import re
from urllib.parse import unquote, urlsplit

from urllib3.util import make_headers


def proxy_to(api_url: str, proxy: str, no_proxy: str) -> str:
    """The address of the proxy for calls to `api_url`; empty for none. Plain http stays on this machine and takes none.

    `no_proxy` is a list of hosts as the variable NO_PROXY has it: a name stands for what is below it too, an address
    may be a network, a port may follow, and `*` is every host.
    """
    parts = urlsplit(api_url)
    if not proxy or parts.scheme != "https":
        return ""
    host, port = parts.hostname or "", parts.port or 443
    if any(_stands_for(entry, host, port) for entry in re.split(r"[,\s]+", no_proxy.lower()) if entry):
        return ""
    return _with_scheme(proxy)


def check_proxy(proxy: str) -> None:
    """Nothing when a proxy of this address can be used; `ValueError`, which does not repeat it, otherwise."""
    try:
        parts = urlsplit(_with_scheme(proxy))
        host, _port = parts.hostname or "", parts.port
        without_password(_with_scheme(proxy))
    except UnicodeEncodeError:
        raise ValueError("The proxy's user and password may hold letters of Latin-1 only.") from None
    except ValueError:
        raise ValueError("The proxy's address is not a URL.") from None
    if parts.scheme not in {"http", "https"}:
        raise ValueError("The proxy's address must start with http:// or https://.")
    if not re.fullmatch(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:]+", host) or parts.path.strip("/") or parts.query:
        raise ValueError("The proxy's address is a host and a port, with a user and a password before it at most.")


def without_password(proxy: str) -> tuple[str, dict[str, str]]:
    """The address without its user and password, and the header that carries these."""
    parts = urlsplit(proxy)
    if parts.username is None:
        return proxy, {}
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", make_headers(proxy_basic_auth=login)


def _with_scheme(proxy: str) -> str:
    return proxy if "://" in proxy else f"http://{proxy}"


def _stands_for(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    name, _, its_port = entry.rpartition(":") if re.search(r"[^:]:[0-9]+$", entry) else (entry, "", "")
    if its_port and its_port != str(port):
        return False
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(name.strip("[]"), strict=False)
    except ValueError:
        name = name.removeprefix("*").removeprefix(".")
        return bool(name) and (host == name or host.endswith(f".{name}"))
