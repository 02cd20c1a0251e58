"""Legal moves of a table of foreign projects. `ProjectImport.state` changes only through
deals.actions.project_imports and deals.actions.project_import_turns."""

from marketplace.core.states import Transitions

UPLOADED = "uploaded"
CHECKING = "checking"
CHECKED = "checked"
RUNNING = "running"
DONE = "done"
CANCELLED = "cancelled"
FAILED = "failed"

WORKING = frozenset({UPLOADED, CHECKING, RUNNING})
OPEN = WORKING | {CHECKED}

TRANSITIONS = Transitions(
    {
        "check": ({UPLOADED}, CHECKING),
        "wait": ({CHECKING}, CHECKED),
        "run": ({CHECKED}, RUNNING),
        "finish": ({RUNNING}, DONE),
        "cancel": (set(OPEN), CANCELLED),
        "fail": (set(OPEN), FAILED),
    }
)
