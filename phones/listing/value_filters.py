"""Filters of the numbers list by what is known of a number, value by value."""

from django.db.models import Q

from phones.numbers import conditions
from phones.numbers.words import describe
from phones.trait_choices import TRAIT_COLUMNS, TRAITS
from portal.web.filters import ListFilter

NOT_RETURNED = "-"


class ExactFilter(ListFilter):
    """One of the values, as Graph spells them; "-" is a field that Graph did not return.

    A choice may stand for several of Graph's values, none of which has a comma.
    """

    joins = True

    def condition(self, values: list[str]) -> Q | None:
        spelled = [value for value in values if value != NOT_RETURNED]
        either = Q(**{f"{self.field_name}__in": spelled}) if spelled else Q()
        if NOT_RETURNED in values:
            either |= Q(**{f"{self.field_name}__isnull": True})
        return either or None

    def words(self, value: str) -> str:
        return describe(self.field_name, None if value == NOT_RETURNED else value).label


class StageFilter(ExactFilter):
    """Stages by name; "-" is a number whose stage is not worked out yet."""

    def condition(self, values: list[str]) -> Q | None:
        return Q(stage__in=["" if value == NOT_RETURNED else value for value in values]) if values else None


class RegisteredFilter(ListFilter):
    """Whether it is registered with Cloud API: yes, no, unknown."""

    def condition(self, values: list[str]) -> Q | None:
        yes, no = conditions.IS_REGISTERED, conditions.IS_REPORTED_UNREGISTERED
        answers = {"yes": yes, "no": no, "unknown": conditions.IS_NOT_KNOWN_TO_BE_REGISTERED}
        either = Q()
        for value in values:
            if value in answers:
                either |= answers[value]
        return either or None


class TraitFilter(ListFilter):
    """What is known of a number beside its state. "unknown" finds those of which it is not known, and no others."""

    def __init__(self, name: str) -> None:
        choices = [(value, status.label) for value, status in TRAITS[name].items()]
        super().__init__(TRAIT_COLUMNS[name], choices=choices)
        self.stored = {True: "yes", False: "no"} if name == "is_official_business_account" else {}

    def condition(self, values: list[str]) -> Q | None:
        known = [value for value in values if value in self.choices and value != "unknown"]
        truths = [truth for truth, word in self.stored.items() if word in known]
        either = Q(**{f"{self.field_name}__in": truths if self.stored else known}) if known else Q()
        if "unknown" in values:
            either |= Q(**{f"{self.field_name}__isnull": True})
        return either or None
