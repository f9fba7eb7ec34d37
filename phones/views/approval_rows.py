"""What waits for a second person, as pages show it: its title, how it stands, and who asked."""

from dataclasses import dataclass

from django.utils import timezone

from phones.approval_choices import ApprovalState
from phones.approvals import decide
from phones.bulk import words
from phones.bulk_choices import BulkKind
from phones.choices import ActionKind, Status, Tone
from phones.models import Approval

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


def row_about(**subject: object) -> ApprovalRow | None:
    """What waits about a `number` or a `run`, if anything does."""
    found = decide.waits_about(**subject)
    return ApprovalRow(found) if found is not None else None
