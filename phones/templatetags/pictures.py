"""Filters of pictures: counts and lengths of time as they stand beside them."""

from datetime import timedelta

from django import template

register = template.Library()


@register.filter
def thousands(count: int) -> str:
    """A count with commas: "5,497"."""
    return f"{count:,}"


@register.filter
def in_days(length: timedelta) -> str:
    """A length of time for comparing: "12 min", "5.2 h", "2.3 days"."""
    hours = length.total_seconds() / 3600
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.1f} h" if hours < 24 else f"{hours / 24:.1f} days"
