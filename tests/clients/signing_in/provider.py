"""A small OpenID Connect provider on this machine: it signs in whoever it is told to, in the groups that they have."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt


@dataclass
class Provider:
    """`claims` is what it says of the person; `asked` the paths that were asked for, with their queries."""

    address: str
    claims: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tokens: list[dict[str, list[str]]] = field(default_factory=list)

    def answer_for(self, path: str) -> dict[str, Any]:
        if path.endswith("/.well-known/openid-configuration"):
            return {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "userinfo_endpoint": f"{self.address}/userinfo",
                "jwks_uri": f"{self.address}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        return self.claims

    def token(self) -> dict[str, Any]:
        about = {"iss": self.address, "aud": "desk", "exp": 4_102_444_800, "iat": 1, "sub": self.claims["sub"]}
        return {
            "access_token": base64.b32encode(b"of the provider").decode(),
            "token_type": "Bearer",
            "id_token": jwt.encode(about, "a key that nobody checks here, and long", algorithm="HS256"),
        }


@contextmanager
def running_provider() -> Iterator[Provider]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            self._send(provider.answer_for(urlsplit(self.path).path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            provider.tokens.append(parse_qs(body))
            self._send(provider.token())

        def _send(self, answer: dict[str, Any]) -> None:
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    provider = Provider(f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
