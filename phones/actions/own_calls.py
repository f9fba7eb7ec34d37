"""The calls behind actions that no reading of the number shows: profile, username, settings. See `own_readings`."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from phones.choices import ActionKind
from phones.numbers.picture import Picture
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
    picture: Picture | None = None,
) -> None:
    """The one call of this kind; what it says is in the action's `details`. Raises GraphError and ValueError.

    `picture`, for the profile, is uploaded before; that changes nothing.
    """
    changes = details.get("changes", {})
    match kind:
        case ActionKind.PROFILE:
            handle = _uploaded(writer, picture, token=token, meter=meter) if picture is not None else ""
            writer.update_business_profile(phone_number_id, token=token, changes=changes, picture=handle, meter=meter)
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


def _uploaded(writer: GraphWriter, picture: Picture, *, token: str, meter: Meter) -> str:
    """The handle of the picture, for the app that the token is of."""
    return writer.upload_picture(
        settings.META_APP_ID, token=token, content=picture.content, media_type=picture.media_type, meter=meter
    )
