"""Where Django checks the password of who signs in, on whatever page."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from clients.choices import AskedFor
from clients.models import User
from clients.passwords import check
from clients.passwords.attempts import Typed
from clients.passwords.places import place_of
from portal.rows import row_or_none


class CountedPasswords(ModelBackend):
    """Django's own check, counted and recorded. A wrong password ends the search: no other backend is asked."""

    @sensitive_variables("password")
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The person; None unless a name and a password are given. Raises TriedTooOftenError and PermissionDenied."""
        if request is None or username is None or password is None:
            return None
        # PostgreSQL takes no NUL; nobody's name has one.
        known = row_or_none(User.objects.filter(username=username)) if "\0" not in username else None
        typed = Typed(username, known, AskedFor.SIGN_IN, place_of(request, known))
        found = check.counted(typed, lambda: self._checked(request, username, password))
        if found is None:
            raise PermissionDenied
        return found

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, at every request; None when they are gone or may not sign in any more."""
        found = User.signed_in.with_key(user_id)
        return found if found is not None and self.user_can_authenticate(found) else None

    def user_can_authenticate(self, user: Any) -> bool:
        """Whether they may sign in: active people, and no service."""
        return super().user_can_authenticate(user) and not getattr(user, "is_service", False)

    @sensitive_variables("password")
    def _checked(self, request: HttpRequest, username: str, password: str) -> User | None:
        found = super().authenticate(request, username=username.replace("\0", ""), password=password)
        return found if isinstance(found, User) else None
