"""What pictures are written with: their columns, and counts and lengths of time as they stand beside them."""

from datetime import timedelta

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from phones.pictures.series import Series

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


@register.filter
def drawn(series: Series) -> SafeString:
    """The columns of a series, each told by its title. Written here: a page has hundreds of them."""
    return format_html_join(
        "",
        '<rect x="{}%" y="{}%" width="{}%" height="{}%"><title>{}: {}</title></rect>',
        ((one.left, one.top, one.width, one.height, one.when, thousands(one.count)) for one in series.columns),
    )
