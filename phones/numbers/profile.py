"""A number's business profile: what its fields are called, which Meta takes, and what changed between two. Pure."""

from collections.abc import Mapping

TEXTS = ("about", "address", "description", "email", "vertical")
FIELDS = (*TEXTS, "websites")
# How long each may be, in characters, and how many websites Meta takes.
# Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/business-profiles
LONGEST = {"about": 139, "address": 256, "description": 512, "email": 128, "websites": 256}
MOST_WEBSITES = 2
NO_VERTICAL = "UNDEFINED"
# Graph's `vertical` → what WhatsApp calls the category.
VERTICALS = {
    "AUTO": "Automotive",
    "BEAUTY": "Beauty, spa and salon",
    "APPAREL": "Clothing and apparel",
    "EDU": "Education",
    "ENTERTAIN": "Entertainment",
    "EVENT_PLAN": "Event planning and service",
    "FINANCE": "Finance and banking",
    "GROCERY": "Food and grocery",
    "GOVT": "Public service",
    "HOTEL": "Hotel and lodging",
    "HEALTH": "Medical and health",
    "NONPROFIT": "Non-profit",
    "PROF_SERVICES": "Professional services",
    "RETAIL": "Shopping and retail",
    "TRAVEL": "Travel and transportation",
    "RESTAURANT": "Restaurant",
    "NOT_A_BIZ": "Not a business",
    "OTHER": "Other",
    NO_VERTICAL: "None chosen",
}

Values = Mapping[str, str | list[str]]


def changes(before: Values, after: Values) -> dict[str, str | list[str]]:
    """What of `after` is another than in `before`."""
    return {name: value for name, value in after.items() if not _same(before.get(name), value)}


def shows(profile: Values, wanted: Values) -> bool:
    """Whether `profile` has all that was `wanted`."""
    return not changes(profile, wanted)


def _same(one: object, other: object) -> bool:
    return _plain(one) == _plain(other)


def _plain(value: object) -> object:
    """A value as it is compared.

    Meta trims texts, may write an address with a slash at its end or without, and has a word for no category.
    """
    if isinstance(value, list):
        return [str(each).strip().rstrip("/") for each in value]
    return "" if value == NO_VERTICAL else str(value or "").strip()
