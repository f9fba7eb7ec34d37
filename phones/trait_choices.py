"""Words for what lists say of a number beside its state: its username, profile, calling and official account."""

from phones.choices import Status, Tone

_NOT_TOLD = Status("Can’t tell", Tone.NONE, "Not read yet, not readable for days, or Meta did not say.")
# What lists say of a number beside its state (`phones.numbers.traits`), as filters and files spell it.
TRAITS: dict[str, dict[str, Status]] = {
    "username": {
        "has": Status("Has one", Tone.OK, "People see a username beside the number, or in its place."),
        "pending": Status("Reserved", Tone.WAIT, "Meta keeps a username for it that people do not see yet."),
        "none": Status("None", Tone.NONE, "It has no username."),
        "unknown": _NOT_TOLD,
    },
    "profile": {
        "yes": Status("Complete", Tone.OK, "Every line of the business profile is filled, and there is a picture."),
        "no": Status("Has gaps", Tone.NONE, "A line of the business profile is empty, or there is no picture."),
        "unknown": _NOT_TOLD,
    },
    "calling": {
        "on": Status("On", Tone.OK, "People can call the business on this number."),
        "off": Status("Off", Tone.NONE, "Calls are switched off."),
        "unknown": _NOT_TOLD,
    },
    "is_official_business_account": {
        "yes": Status("Official", Tone.OK, "WhatsApp shows it as an official business account."),
        "no": Status("Not official", Tone.NONE, "An ordinary business account."),
        "unknown": _NOT_TOLD,
    },
}
# Trait → the column of PhoneNumber that keeps it; NULL is "unknown".
TRAIT_COLUMNS = {
    "username": "username_state",
    "profile": "profile_state",
    "calling": "calling_state",
    "is_official_business_account": "is_official_business_account",
}
