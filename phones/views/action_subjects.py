"""What an action was about, in words behind its kind: which name, which part of a profile, with whom."""

from collections.abc import Callable, Mapping
from typing import Any

from phones.choices import ActionKind
from phones.models import Action
from phones.numbers import automation
from phones.numbers.call_settings import LABELS as CALL_LABELS
from phones.numbers.words import PROFILE_LABELS
from phones.pool.words import international


def subject_of(action: Action) -> str:
    """The kind of `action` and what it was about."""
    words = _OF_KIND.get(action.kind)
    more = words(action.details) if words is not None else ""
    return f"{action.get_kind_display()} {more}".strip()


Details = Mapping[str, Any]


def _text(name: str) -> Callable[[Details], str]:
    return lambda details: str(details.get(name, ""))


def _quoted(name: str) -> Callable[[Details], str]:
    return lambda details: f"“{details.get(name, '')}”"


def _added(details: Details) -> str:
    return f"{details.get('phone_number', '')}{', moved from another WABA' if details.get('moves') else ''}"


def _changed(labels: Mapping[str, str]) -> Callable[[Details], str]:
    return lambda details: f"({', '.join(labels.get(name, name).lower() for name in details.get('changes', ()))})"


def _profile(details: Details) -> str:
    names = [PROFILE_LABELS.get(name, name).lower() for name in details.get("changes", ())]
    return f"({', '.join([*names, *(['picture'] if details.get('picture') else [])])})"


def _storage(details: Details) -> str:
    region = details.get("changes", {}).get("data_localization_region")
    return f"to {region}" if region else "to where Meta keeps it by default"


def _callback(details: Details) -> str:
    return f"to {details['callback_url']}" if details.get("callback_url") else "to the one above it"


def _identity_check(details: Details) -> str:
    return "on" if details.get("changes", {}).get("enable_identity_key_check") else "off"


_OF_KIND: Mapping[str, Callable[[Details], str]] = {
    ActionKind.REQUEST_CODE: lambda details: "by call" if details.get("code_method") == "VOICE" else "by SMS",
    ActionKind.DISPLAY_NAME: _quoted("new_display_name"),
    ActionKind.PROFILE: _profile,
    ActionKind.USERNAME: lambda details: f"@{details.get('username', '')}",
    ActionKind.DROP_USERNAME: lambda details: f"@{details.get('before', '')}",
    ActionKind.CALLS: _changed(CALL_LABELS),
    ActionKind.STORAGE: _storage,
    ActionKind.IDENTITY_CHECK: _identity_check,
    ActionKind.AUTOMATION: lambda details: f"({', '.join(automation.differing(details)) or 'nothing'})",
    ActionKind.NUMBER_CALLBACK: _callback,
    ActionKind.WABA_CALLBACK: _callback,
    ActionKind.MESSAGE_LINK: _quoted("message"),
    ActionKind.CHANGE_MESSAGE_LINK: _quoted("message"),
    ActionKind.DROP_MESSAGE_LINK: _quoted("before"),
    ActionKind.ADD_NUMBER: _added,
    ActionKind.ADD_TO_POOL: lambda details: international(str(details.get("phone_number", ""))),
    ActionKind.SHARE: _text("business_id"),
    ActionKind.UNSHARE: lambda details: f"with {details.get('business_id', '')}",
}
