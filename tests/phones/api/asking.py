"""Asking the API as another program does: with a token and nothing else."""

from typing import Any

from django.test import Client as Browser

from clients import api_tokens
from clients.choices import TokenScope
from clients.models import Client, User


class Program:
    """Another program, with a token of `person`."""

    def __init__(self, person: User, scope: TokenScope = TokenScope.READ, *clients: Client, **more: Any) -> None:
        self.token, self.secret = api_tokens.issue(
            person=person, actor=person, name="ERP", scope=scope, days=30, clients=clients, **more
        )
        self.browser = Browser(headers={"authorization": f"Bearer {self.secret}"})

    def get(self, path: str, **headers: str) -> Any:
        return self.browser.get(f"/api/v1/{path}", headers=headers)

    def post(self, path: str, body: object, key: str = "", **headers: str) -> Any:
        own = {"idempotency-key": key} if key else {}
        return self.browser.post(f"/api/v1/{path}", body, content_type="application/json", headers={**own, **headers})

    def told(self, path: str, column: str) -> list[Any]:
        """What a column of a list says."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.content
        return [row[column] for row in answer.json()["data"]]


def kind_of(answer: Any) -> tuple[int, str]:
    """The status of a problem and the end of its type."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    told = answer.json()
    assert told["status"] == answer.status_code
    return answer.status_code, told["type"].removeprefix("urn:numberdesk:problem:")
