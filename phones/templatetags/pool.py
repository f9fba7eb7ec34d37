"""Template filters for numbers of the pre-verified pool."""

from django import template

from phones.pool.words import international

register = template.Library()

register.filter("international", international)
