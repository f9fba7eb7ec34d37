"""Template filters that answer questions about a person."""

from django import template
from django.contrib.auth.models import AnonymousUser

from clients import roles
from clients.models import User

register = template.Library()
register.filter(roles.may_change)
register.filter(roles.sees_everything)
register.filter(roles.runs_the_desk)
register.filter(roles.manages_people)
register.filter(roles.reads_the_audit_log)


@register.filter
def role(user: User | AnonymousUser) -> str:
    """The role of `user` in words; "no role yet" when nobody gave them one."""
    found = roles.role_of(user)
    return str(found.label) if found else "No role yet"


@register.filter
def has_role(user: User | AnonymousUser) -> bool:
    return roles.role_of(user) is not None
