"""A text for Meta's support about one action: ids, times in UTC, the trace, what was tried. No secret is in it."""

import datetime

from phones.models import Action

UNKNOWN = "not known"
# Details that are for the desk alone: who acted through which link, how the number stood, a digest.
OUR_OWN = frozenset({"was_registered", "was_verified", "by", "code_link", "api_request"})


def support_text(action: Action) -> str:
    """What to paste into a request to Meta's support about `action`."""
    number = action.number
    lines = [
        f"What we tried: {action.get_kind_display()}",
        f"Outcome: {action.get_state_display()}",
        f"WhatsApp Business Account ID: {action.waba.waba_id if action.waba is not None else UNKNOWN}",
    ]
    if number is not None:
        lines += [
            f"Phone number ID: {number.phone_number_id}",
            f"Phone number: {number.display_phone_number or UNKNOWN}",
        ]
    lines += [f"{name}: {value}" for name, value in action.details.items() if name not in OUR_OWN]
    lines += [
        f"Sent (UTC): {_utc(action.sent_at)}",
        f"Answered (UTC): {_utc(action.answered_at)}",
        f"HTTP status: {action.http_status or UNKNOWN}",
        f"Error code: {_code(action)}",
        f"fbtrace_id: {action.fbtrace_id or UNKNOWN}",
        f"Meta's message: {action.message or UNKNOWN}",
    ]
    if number is not None:
        lines.append(
            f"State of the number when last read (UTC {_utc(number.synced_at)}): status={number.status}, "
            f"platform_type={number.platform_type}, code_verification_status={number.code_verification_status}, "
            f"name_status={number.name_status}"
        )
    return "\n".join(lines)


def _utc(moment: datetime.datetime | None) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S") if moment else UNKNOWN


def _code(action: Action) -> str:
    if action.code is None:
        return UNKNOWN
    return f"{action.code}" if action.subcode is None else f"{action.code} (subcode {action.subcode})"
