"""The calls behind actions that no reading of the number shows: profile, username, settings. See `own_readings`."""

from collections.abc import Mapping
from typing import Any

from phones.choices import ActionKind
from portal.graph import Meter
from portal.graph.writes import GraphWriter


def change(
    writer: GraphWriter,
    phone_number_id: str,
    kind: ActionKind,
    details: Mapping[str, Any],
    *,
    token: str,
    meter: Meter,
) -> None:
    """The one call of this kind; what it says is in the action's `details`. Raises GraphError and ValueError."""
    changes = details.get("changes", {})
    match kind:
        case ActionKind.PROFILE:
            writer.update_business_profile(phone_number_id, token=token, changes=changes, meter=meter)
        case ActionKind.USERNAME:
            writer.set_username(phone_number_id, token=token, username=details["username"], meter=meter)
        case ActionKind.DROP_USERNAME:
            writer.delete_username(phone_number_id, token=token, meter=meter)
        case ActionKind.CALLS:
            writer.change_call_settings(phone_number_id, token=token, changes=changes, meter=meter)
        case ActionKind.STORAGE:
            region = changes["data_localization_region"]
            writer.set_storage(phone_number_id, token=token, region=region, meter=meter)
        case ActionKind.IDENTITY_CHECK:
            is_on = changes["enable_identity_key_check"]
            writer.set_identity_check(phone_number_id, token=token, is_on=is_on, meter=meter)
        case ActionKind.AUTOMATION:
            writer.change_automation(phone_number_id, token=token, automation=changes, meter=meter)
        case ActionKind.OFFICIAL_ACCOUNT:
            application = details["application"]
            writer.request_official_account(phone_number_id, token=token, application=application, meter=meter)
        case _:
            raise ValueError("This is not done to a number.")
