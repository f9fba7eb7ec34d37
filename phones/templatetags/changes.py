"""The count beside the link to what changed."""

from django import template

from clients.models import User
from phones.changes import seen

register = template.Library()


@register.simple_tag
def unseen_changes(user: User) -> str:
    """How many happenings `user` has not seen yet; empty where there are none, and until the navigation counts them."""
    return seen.unseen_counted_lately(user) or ""
