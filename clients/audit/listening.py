"""What the audit log learns from others: Django's and allauth's signals, and passwords as they are checked."""

from importlib import import_module
from typing import Any

from django.apps import apps
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import m2m_changed, post_save, pre_save
from django.http import HttpRequest

from clients.audit import writing
from clients.audit.circumstances import circumstances
from clients.choices import AskedFor, AuditKind, AuditOutcome
from clients.models import User

# Of a person, what decides what they may do and how they get in. Their password is another signal's.
_WATCHED = ("username", "email", "is_active", "is_staff", "is_superuser")
_SENT_BY_ALLAUTH = {
    "allauth.account": {
        "password_changed": "Changed their password.",
        "password_set": "Set a password.",
        "password_reset": "Set a new password through a link that was mailed.",
    },
    "allauth.mfa": {
        "authenticator_added": "Added a second factor.",
        "authenticator_removed": "Removed a second factor.",
        "authenticator_reset": "Made new recovery codes.",
    },
}


def listen() -> None:
    user_logged_in.connect(_signed_in)
    user_logged_out.connect(_signed_out)
    pre_save.connect(_remember_before, sender=User)
    post_save.connect(_person_saved, sender=User)
    m2m_changed.connect(_roles_changed, sender=User.groups.through)
    for app, signals in _SENT_BY_ALLAUTH.items():
        if apps.is_installed(app):
            module = import_module(f"{app}.signals")
            for name, sentence in signals.items():
                getattr(module, name).connect(_saying(sentence), weak=False)


# --- Signing in -------------------------------------------------------------------------------------------------------


def _signed_in(*, user: User, request: HttpRequest | None = None, **_: Any) -> None:  # noqa: ARG001 - a receiver's
    writing.entry(AuditKind.SIGN_IN, "Signed in.", actor=user, about=user)


def _signed_out(*, user: User | None, **_: Any) -> None:
    if user is not None:
        writing.entry(AuditKind.SIGN_IN, "Signed out.", actor=user, about=user)


def password_was_right(person: User | None, asked_for: AskedFor) -> None:
    """Of who signs in, the signal says that they did."""
    if (actor := circumstances().person) is not None:
        writing.entry(AuditKind.SIGN_IN, f"A right password or code. {asked_for.label}.", actor=actor, about=person)


def password_was_wrong(person: User | None, asked_for: AskedFor, name_digest: str) -> None:
    _password(f"A wrong password or code. {asked_for.label}.", AuditOutcome.FAILED, person, name_digest)


def password_was_not_looked_at(person: User | None, asked_for: AskedFor, name_digest: str, limit: str) -> None:
    """Once a wait, however often somebody tries meanwhile."""
    what = f"A password or code was not looked at, by the limit for {limit}. {asked_for.label}."
    _password(what, AuditOutcome.REFUSED, person, name_digest)


def _password(what: str, outcome: AuditOutcome, person: User | None, name_digest: str) -> None:
    # A name that nobody has may be a password: a mark tells it from others.
    details = {} if person else {"unknown_name": name_digest[:8]}
    actor = circumstances().person
    writing.entry(AuditKind.SIGN_IN, what, actor=actor, about=person, outcome=outcome, details=details)


def _saying(sentence: str) -> Any:
    def receiver(*, user: User, **_: Any) -> None:
        writing.entry(AuditKind.SIGN_IN, sentence, actor=user, about=user)

    return receiver


# --- People and their roles -------------------------------------------------------------------------------------------


def _remember_before(*, instance: User, update_fields: Any = None, **_: Any) -> None:
    """Keep on `instance` what it is before it is saved, where any of that may change."""
    is_asked = not instance._state.adding and (update_fields is None or not set(_WATCHED).isdisjoint(update_fields))
    before = User.objects.filter(pk=instance.pk).values(*_WATCHED).first() if is_asked else None
    instance._audited = before  # type: ignore[attr-defined] # of this one object, until it is saved


def _person_saved(*, instance: User, created: bool, raw: bool = False, **_: Any) -> None:
    actor, before = circumstances().person, getattr(instance, "_audited", None)
    if created and not raw:
        writing.entry(AuditKind.ACCESS, "A login was made.", actor=actor, about=instance)
    if before is None:
        return
    changes = [
        f"{name}: {before[name]} → {getattr(instance, name)}"
        for name in _WATCHED
        if before[name] != getattr(instance, name)
    ]
    if changes:
        writing.entry(AuditKind.ACCESS, f"{'; '.join(changes)}.", actor=actor, about=instance)


def _roles_changed(*, instance: Any, action: str, model: Any, pk_set: set[int] | None, **_: Any) -> None:
    words = {"post_add": "Role given", "post_remove": "Role taken", "pre_clear": "Role taken"}.get(action)
    if words is None or not isinstance(instance, User):  # else a group, whose people changed
        return
    groups = instance.groups.all() if pk_set is None else model.objects.filter(pk__in=pk_set)
    if names := sorted(str(group) for group in groups):
        actor = circumstances().person
        writing.entry(AuditKind.ACCESS, f"{words}: {', '.join(names)}.", actor=actor, about=instance)
