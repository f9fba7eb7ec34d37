"""Who gets to the pages about people."""

from django.core.exceptions import PermissionDenied

from clients import roles
from clients.choices import Act
from phones.views.request import DeskRequest


def insist_on_manager(request: DeskRequest) -> None:
    """Raise PermissionDenied for who manages nobody."""
    if not roles.may(request.user, Act.MANAGE_PEOPLE):
        raise PermissionDenied
