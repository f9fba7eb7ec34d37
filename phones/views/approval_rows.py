"""What waits for a second person, as pages show it: its title, how it stands, and who asked."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.db.models.expressions import Combinable
from django.utils import timezone

from clients.models import User
from phones.approval_choices import ApprovalState
from phones.bulk import words
from phones.bulk_choices import BulkKind
from phones.choices import ActionKind, Status, Tone
from phones.models import Approval, BulkRun, PhoneNumber

_COLUMNS = ("pk", "kind", "requested_at", "expires_at")
_OF_ASKER = ("requested_by__pk", "requested_by__username", "requested_by__first_name", "requested_by__last_name")
_TONES = {
    ApprovalState.WAITING: Tone.WAIT,
    ApprovalState.APPROVED: Tone.OK,
    ApprovalState.REFUSED: Tone.WARN,
    ApprovalState.WITHDRAWN: Tone.NONE,
    ApprovalState.EXPIRED: Tone.NONE,
}


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """One of them, and why its reader can't decide it; empty when they can."""

    approval: Approval
    why_not: str = ""

    @property
    def title(self) -> str:
        run = self.approval.run
        if run is not None:
            return f"{run.get_kind_display()}: {words.counted(BulkKind(run.kind), run.total)}"
        return f"{ActionKind(self.approval.kind).label}: {self.approval.number}"

    @property
    def status(self) -> Status:
        state = ApprovalState(self.approval.state)
        if state == ApprovalState.WAITING and self.approval.expires_at <= timezone.now():
            state = ApprovalState.EXPIRED
        if self.approval.outcome:
            return Status("Approved, not sent", Tone.WARN, self.approval.outcome)
        return Status(str(state.label), _TONES[state])


def row_about_run(run: BulkRun) -> ApprovalRow | None:
    """What waits about `run`, if anything does."""
    if not settings.TWO_PERSON_APPROVAL:
        return None
    found = Approval.objects.open().filter(run=run).select_related("run", "requested_by").first()
    return ApprovalRow(found) if found is not None else None


def waiting_about_number() -> dict[str, Combinable]:
    """Columns for a number with what waits about it, which spare its page a statement; for `row_about_number`."""
    if not settings.TWO_PERSON_APPROVAL:
        return {}
    waiting = Approval.objects.open().filter(number=OuterRef("pk")).order_by("pk")
    return {f"approval__{name}": Subquery(waiting.values(name)[:1]) for name in (*_COLUMNS, *_OF_ASKER)}


def row_about_number(number: PhoneNumber) -> ApprovalRow | None:
    """What waits about `number`, which was read with `waiting_about_number`, if anything does."""
    if getattr(number, "approval__pk", None) is None:
        return None
    asker = User(**{name.rpartition("__")[2]: getattr(number, f"approval__{name}") for name in _OF_ASKER})
    columns = {name: getattr(number, f"approval__{name}") for name in _COLUMNS}
    return ApprovalRow(Approval(number=number, requested_by=asker, **columns))
