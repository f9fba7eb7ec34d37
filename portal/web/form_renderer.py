"""How forms are put in words: as Django does, but for selects, whose options are many.

Django renders a template and another one within it for each option: a choice among a hundred numbers of the pool takes
20 ms that way. What is written is the same, but for line breaks between options.
"""

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_SELECT, _OPTION = "django/forms/widgets/select.html", "django/forms/widgets/select_option.html"


class FormRenderer(DjangoTemplates):
    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        if template_name == _SELECT and _is_plain(context["widget"]):
            return _select(context["widget"])
        return super().render(template_name, context, request)


def _is_plain(select: Mapping[str, Any]) -> bool:
    return all(option["template_name"] == _OPTION for _, options, _ in select["optgroups"] for option in options)


def _select(select: Mapping[str, Any]) -> SafeString:
    groups = format_html_join(
        "", "{}", ((_group(str(name) if name else "", options),) for name, options, _ in select["optgroups"])
    )
    return format_html('<select name="{}"{}>{}</select>', select["name"], _attributes(select["attrs"]), groups)


def _group(name: str, options: list[dict[str, Any]]) -> SafeString:
    each = ((str(option["value"]), _attributes(option["attrs"]), option["label"]) for option in options)
    written = format_html_join("", '<option value="{}"{}>{}</option>', each)
    return format_html('<optgroup label="{}">{}</optgroup>', name, written) if name else written


def _attributes(attributes: Mapping[str, Any]) -> SafeString:
    shown = ((name, value) for name, value in attributes.items() if value is not False)
    return format_html_join(
        "", " {}{}", ((name, "" if value is True else format_html('="{}"', str(value))) for name, value in shown)
    )
