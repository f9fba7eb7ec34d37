"""Changing the business profile of a number: what people see who tap on its name in WhatsApp."""

from collections.abc import Mapping

from portal.graph.http.usage import Meter
from portal.graph.writes.sending import Sending, read_success

_TEXTS = frozenset({"about", "address", "description", "email", "vertical"})


class ProfileActions(Sending):
    def update_business_profile(
        self,
        phone_number_id: str,
        *,
        token: str,
        changes: Mapping[str, str | list[str]],
        picture: str = "",
        meter: Meter | None = None,
    ) -> None:
        """Changes the fields named in `changes` and leaves the others as they are.

        An empty text takes a field away, but for `about`, which can be changed only; so does an empty list of
        `websites`. How long each may be is Meta's to judge. `picture` is the handle of one that was uploaded.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/business-profiles
        """
        if not (changes or picture) or not changes.keys() <= _TEXTS | {"websites"}:
            raise ValueError("A business profile has no such field to change.")
        if not all(isinstance(value, list) == (name == "websites") for name, value in changes.items()):
            raise ValueError("The websites of a business profile are a list, everything else is a text.")
        body = {"messaging_product": "whatsapp", **changes}
        if picture:
            body["profile_picture_handle"] = picture
        secrets = (picture,) if picture else ()
        self._send(phone_number_id, "whatsapp_business_profile", read_success, token, meter, body=body, secrets=secrets)
