"""Legal moves of this room's states."""

from marketplace.core.states import Transitions
from matching.models import Rematch

_R = Rematch.State
REMATCH = Transitions(
    {
        "finish": ({_R.RUNNING}, _R.DONE),
        "cancel": ({_R.RUNNING}, _R.CANCELLED),
        "replace": ({_R.RUNNING}, _R.REPLACED),
    }
)
