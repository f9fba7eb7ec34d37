"""How notes, labels and covers are shown."""

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from phones.book.notes import MENTION, count_mentions
from phones.views import book_markup

register = template.Library()
register.simple_tag(count_mentions, name="waiting_mentions")
register.simple_tag(book_markup.cover_of, name="cover_of")
register.simple_tag(book_markup.label_in_markup, name="label")


@register.filter
def with_mentions(text: str) -> SafeString:
    """The text of a note, escaped, with its line breaks, and the people it mentions in bold."""
    parts, end = [], 0
    for found in MENTION.finditer(text):
        parts += [conditional_escape(text[end : found.start()]), format_html("<b>{}</b>", found[0])]
        end = found.end()
    parts.append(conditional_escape(text[end:]))
    return mark_safe("".join(parts).replace("\n", "<br>"))  # noqa: S308 - every part is escaped above
