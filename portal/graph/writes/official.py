"""Asking Meta to make a number an official business account."""

from collections.abc import Mapping

from portal.graph.http.usage import Meter
from portal.graph.writes.sending import Sending, read_success

_NEEDED = frozenset({"business_website_url", "primary_country_of_operation"})
_MORE = frozenset(
    {"primary_language", "parent_business_or_brand", "supporting_links", "additional_supporting_information"}
)


class OfficialActions(Sending):
    def request_official_account(
        self, phone_number_id: str, *, token: str, application: Mapping[str, object], meter: Meter | None = None
    ) -> None:
        """Asks for a review. Its outcome is in `official_business_account` of the number, days later.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/official-business-accounts
        """
        if (
            not application.keys() >= _NEEDED
            or not application.keys() <= _NEEDED | _MORE
            or not all(application.values())
        ):
            raise ValueError("A request for an official account has a website, a country, and what else Meta knows.")
        body = dict(application)
        self._send(phone_number_id, "official_business_account", read_success, token, meter, body=body)
