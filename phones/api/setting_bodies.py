"""What POSTs that change a setting of a number carry, in Meta's words."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from phones.actions.options import DATA_LOCALIZATION_REGIONS
from phones.choices import ActionKind
from phones.numbers import automation, official
from phones.numbers import call_settings as calls

_REGIONS = tuple(region for region, _ in DATA_LOCALIZATION_REGIONS)
_TIME = Field(pattern="^([01][0-9]|2[0-3])[0-5][0-9]$", description="Like 0930.")
_ONE_LINE = r"^[^\x00-\x1f\x7f\x85\u2028\u2029]*$"
_Switch = Literal["ENABLED", "DISABLED"]


class Body(BaseModel):
    """What a POST carries. What it does not know it refuses: a misspelt name would be left out of what is done."""

    model_config = ConfigDict(extra="forbid")


class DayHours(Body):
    day_of_week: Literal[tuple(calls.DAYS)]  # type: ignore[valid-type] # made of a table
    open_time: str = _TIME
    close_time: str = _TIME


class Holiday(Body):
    """A day on which calls are taken at these times, in place of its weekly hours."""

    date: str = Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    start_time: str = _TIME
    end_time: str = _TIME


class CallHours(Body):
    """These take the place of those that there were, holidays included."""

    status: _Switch
    timezone_id: str = Field("", max_length=60, pattern="^[A-Za-z0-9_/+-]*$")
    weekly_operating_hours: list[DayHours] = Field(default=[], max_length=len(calls.DAYS) * calls.MOST_SPANS)
    holiday_schedule: list[Holiday] = Field(default=[], max_length=calls.MOST_HOLIDAYS)


class Calls(Body):
    """What is left out stays."""

    status: _Switch | None = None
    call_icon_visibility: Literal["DEFAULT", "DISABLE_ALL"] | None = None
    callback_permission_status: _Switch | None = None
    call_hours: CallHours | None = None


class Storage(Body):
    """For numbers that are not registered. Without a region messages are kept where Meta does by default."""

    data_localization_region: Literal[_REGIONS] | None = None  # type: ignore[valid-type] # made of a table


class IdentityCheck(Body):
    enable_identity_key_check: bool


class Command(Body):
    command_name: str = Field(max_length=automation.LONGEST_NAME, pattern=r"^[^\x00-\x1f\x7f\x85:/\u2028\u2029]+$")
    command_description: str = Field(min_length=1, max_length=automation.LONGEST_DESCRIPTION, pattern=_ONE_LINE)


_Prompt = Annotated[str, Field(min_length=1, max_length=automation.LONGEST_PROMPT, pattern=_ONE_LINE)]


class Automation(Body):
    """What is left out stays; an empty list takes away what there is."""

    enable_welcome_message: bool | None = None
    prompts: list[_Prompt] | None = Field(None, max_length=automation.MOST_PROMPTS)
    commands: list[Command] | None = Field(None, max_length=automation.MOST_COMMANDS)


class OfficialAccount(Body):
    """What speaks for the business. Of links there are five, or none."""

    business_website_url: str = Field(min_length=1, max_length=256, pattern=_ONE_LINE)
    primary_country_of_operation: str = Field(min_length=1, max_length=100, pattern=_ONE_LINE)
    primary_language: str = Field("", max_length=60, pattern=_ONE_LINE)
    parent_business_or_brand: str = Field("", max_length=200, pattern=_ONE_LINE)
    supporting_links: list[Annotated[str, Field(max_length=500, pattern=_ONE_LINE)]] = Field(
        default=[], max_length=official.LINKS
    )
    additional_supporting_information: str = Field("", max_length=official.LONGEST_TEXT, pattern=r"^[^\x00]*$")


SETTING_BODIES: dict[ActionKind, type[Body]] = {
    ActionKind.CALLS: Calls,
    ActionKind.STORAGE: Storage,
    ActionKind.IDENTITY_CHECK: IdentityCheck,
    ActionKind.AUTOMATION: Automation,
    ActionKind.OFFICIAL_ACCOUNT: OfficialAccount,
}


def as_filled_in(kind: ActionKind, given: dict[str, Any]) -> dict[str, Any]:
    """What is `given` as people would write it into the form of this kind; what is left out is not there."""
    found = {name: value for name, value in given.items() if value is not None}
    if kind == ActionKind.IDENTITY_CHECK:
        return {"enable_identity_key_check": str(given["enable_identity_key_check"])}
    if kind == ActionKind.STORAGE:
        return {"data_localization_region": given["data_localization_region"] or ""}
    if kind == ActionKind.OFFICIAL_ACCOUNT:
        return {**given, "supporting_links": "\n".join(given["supporting_links"])}
    if kind == ActionKind.AUTOMATION:
        if "prompts" in found:
            found["prompts"] = "\n".join(found["prompts"])
        if "commands" in found:
            found["commands"] = automation.commands_in_words(found["commands"])
        return found
    if (hours := found.pop("call_hours", None)) is not None:
        days = {day.lower(): calls.spans_in_words(calls.spans_of_day(hours, day)) for day in calls.DAYS}
        holidays = sorted(hours["holiday_schedule"], key=lambda entry: entry["date"])
        found |= {
            **days,
            "hours_status": hours["status"],
            "timezone_id": hours["timezone_id"],
            "holidays": calls.holidays_in_words(holidays),
        }
    return found


def where_in(kind: ActionKind, field: str) -> str:
    """The part of the body that a field of the form was made of."""
    of_hours = {"hours_status", "timezone_id", "holidays", *(day.lower() for day in calls.DAYS)}
    return "call_hours" if kind == ActionKind.CALLS and field in of_hours else field
