"""Times on the pages that clients open."""

from django import template

from phones.onboarding import client_times

register = template.Library()
register.filter("client_day", client_times.day)
register.filter("client_moment", client_times.moment)
