"""The people who use the desk. What each may see is decided in `clients.roles` and the querysets."""

from typing import ClassVar, Self

from django.contrib.auth.models import AbstractUser, Group, UserManager
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.utils.functional import cached_property

from clients.choices import Act, Role
from portal.kept_statement import KeptStatement


class PeopleQuerySet(models.QuerySet["User"]):
    def with_role(self) -> Self:
        """People with the name of their strongest role, which else takes a statement of its own."""
        strength = Case(*(When(name=role.value, then=Value(rank)) for rank, role in enumerate(Role)))
        roles = Group.objects.filter(user=OuterRef("pk"), name__in=Role.values).order_by(strength).values("name")
        return self.annotate(role_name=Subquery(roles[:1]))

    def with_further(self) -> Self:
        """People with whether a WABA of theirs, or any, lists a number that is under another one.

        These are `sees_further` and `any_further`.
        """
        from clients.models.wabas import Waba

        theirs = Q(client__owner=OuterRef("pk")) | Q(client__cover=OuterRef("pk"))
        further = Waba.objects.filter(listings__is_further=True)
        return self.annotate(sees_further=Exists(further.filter(theirs)), any_further=Exists(further))


class SignedInManager(UserManager["User"]):
    """What Django finds the person of a session with: once a request, and with their role."""

    use_in_migrations = False

    def get_queryset(self) -> PeopleQuerySet:
        return self._everybody.using(self._db)

    @cached_property
    def _everybody(self) -> PeopleQuerySet:
        """Kept, for it is the same at every request and takes longer to put together than to ask."""
        return PeopleQuerySet(self.model).with_role().with_further()

    def with_key(self, key: int) -> "User | None":
        """The person whom a session names by their key, as Django would find them."""
        return self._with_key.row(id=key)

    @cached_property
    def _with_key(self) -> "KeptStatement[User]":
        return KeptStatement(self.get_queryset, id=0)


class User(AbstractUser):
    """A person with a login. Their role is the group they are in (`clients.choices.Role`)."""

    changes_seen_up_to = models.BigIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="The key of the newest line of history that they have said to have seen.",
    )
    changes_seen_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When they last said so; empty when they never did."
    )
    time_zone = models.CharField(
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="In which pages and mails give times, for example Europe/Berlin; empty: the desk’s own.",
    )
    invited_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When they last got a link to choose their first password."
    )
    let_in_by = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.DO_NOTHING,  # who let them in counts on when they are gone
        db_constraint=False,
        db_index=False,
        related_name="+",
        help_text="The team lead who last invited them, and so had their link; empty where it was an administrator.",
    )
    unseen_mentions = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="Notes that mention this person and that they have not seen."
    )

    is_service = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="No person but another program, which comes through the HTTP API with a token and never signs in.",
    )

    class Meta(AbstractUser.Meta):
        # Given to the groups of the roles by a migration, as `clients.roles.ALLOWED` has it.
        permissions = [(act.value, act.label) for act in Act]

    # The first one is Django's own choice, for the person of a session.
    signed_in: ClassVar[SignedInManager] = SignedInManager()
    objects: ClassVar[UserManager[Self]] = UserManager()

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def counts_as(self) -> int:
        """The key of the person whom this one counts as where two people have to agree.

        A lead who invites somebody had the link into that login, and could be behind it: the two count as one.
        """
        return self.let_in_by_id or self.pk
