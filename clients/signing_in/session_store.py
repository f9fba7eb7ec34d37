"""Django's sessions in the database, read by a statement that is put in words once a process.

The class has the name of Django's, which is part of what sessions are signed with.
"""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from portal.kept_statement import KeptStatement

_OPEN = KeptStatement(Session.objects.all, session_key="", expire_date__gt=timezone.now())


class SessionStore(db.SessionStore):
    def load(self) -> dict[str, Any]:
        found = _OPEN.row(session_key=self.session_key, expire_date__gt=timezone.now())
        if found is None:
            self._session_key = None  # a key that names no session is nobody's
            return {}
        return self.decode(found.session_data)
