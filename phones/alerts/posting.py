"""Posts a letter to a team's channel: signed JSON, or the text that Slack and what speaks like it show."""

import json
import time

from django.conf import settings
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables

from phones.alert_choices import ChannelKind
from phones.alerts.letters import Letter, LetterLine
from phones.models import Channel, Dispatch
from portal import outgoing
from portal.crypto import SecretUnreadableError

_LONGEST_TEXT = 3_500


class RefusedError(Exception):
    """The channel answered, and did not take it."""


@sensitive_variables()
def post(dispatch: Dispatch, letter: Letter) -> None:
    """Raises NotPostedError, AnswerLostError and RefusedError."""
    channel = dispatch.channel
    if channel is None:
        raise ValueError("Only a channel gets a post.")
    try:
        address, secret = channel.open_address(), channel.open_secret()
    except SecretUnreadableError:
        raise RefusedError("Its stored address can’t be opened: enter it anew.") from None
    body = _body(channel, dispatch, letter)
    headers = {"Content-Type": "application/json", "User-Agent": "Numberdesk"}
    if channel.kind == ChannelKind.WEBHOOK:
        headers |= outgoing.signed(body, secret=secret, at=int(time.time()))
        headers["Numberdesk-Delivery"] = str(dispatch.public_id)
    allowed = {"private_too": settings.CHANNELS_MAY_BE_PRIVATE, "hosts": settings.CHANNEL_HOSTS}
    status = outgoing.post(address, body, headers, **allowed)
    if not 200 <= status < 300:
        raise RefusedError(f"{channel.host} answered with status {status}.")


def _body(channel: Channel, dispatch: Dispatch, letter: Letter) -> bytes:
    if channel.kind == ChannelKind.SLACK:
        return json.dumps({"text": _text(letter)}, ensure_ascii=False).encode()
    content = {
        "id": str(dispatch.public_id),
        "kind": dispatch.kind,
        "subject": letter.subject,
        "incidents": [
            {
                "headline": one.headline,
                "what_next": one.next,
                "began_at": one.began_at.isoformat(),
                "count": one.count,
                "numbers": [_as_json(line) for line in one.lines],
            }
            for one in letter.incidents
        ],
        "alerts": [_as_json(line) for line in letter.lines],
    }
    return json.dumps(content, ensure_ascii=False).encode()


def _as_json(line: LetterLine) -> dict[str, object]:
    return {
        "what": line.what,
        "name": line.name,
        "client": line.client,
        "sentence": line.sentence,
        "at": line.at.isoformat() if line.at else None,
        "url": line.url,
    }


def _text(letter: Letter) -> str:
    """Plain text with Slack's links; what people have typed can’t make one."""
    lines = [f"*{_plain(one.headline)}*. {_plain(one.next)}" for one in letter.incidents]
    for line in letter.lines:
        whose = " · ".join(_plain(part) for part in (line.name, line.client) if part)
        lines.append(f"<{line.url}|{_plain(line.what)}>{f' ({whose})' if whose else ''}: {_plain(line.sentence)}")
    home = settings.PUBLIC_URL + reverse("phones:home")
    text = "\n".join(lines)
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…\n<{home}|Open the desk>"


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
