"""How far a mail or a post is, in words with their tone."""

from phones.alert_choices import DispatchState
from phones.choices import Status, Tone
from phones.models import Dispatch

_TONES = {
    DispatchState.WAITING: Tone.WAIT,
    DispatchState.SENDING: Tone.WAIT,
    DispatchState.SENT: Tone.OK,
    DispatchState.FAILED: Tone.BAD,
    DispatchState.UNKNOWN: Tone.WARN,
}


def status_of(dispatch: Dispatch) -> Status:
    tone = _TONES.get(DispatchState(dispatch.state), Tone.NONE)
    return Status(str(dispatch.get_state_display()), tone, dispatch.outcome)
