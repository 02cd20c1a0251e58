"""Legal moves of an import and of an export. Their `state` changes only through listings.actions
(imports, import_turns, exports)."""

from marketplace.core.states import Transitions

UPLOADED = "uploaded"  # its rows are being taken out of the file
READ = "read"  # waits for its columns to be named
CHECKING = "checking"
CHECKED = "checked"
RUNNING = "running"
DONE = "done"
CANCELLED = "cancelled"
FAILED = "failed"

WORKING = frozenset({UPLOADED, CHECKING, RUNNING})
ENDED = frozenset({DONE, CANCELLED, FAILED})

IMPORT = Transitions(
    {
        "read": ({UPLOADED}, READ),
        # checked again with other columns, as often as it takes
        "check": ({READ, CHECKED}, CHECKING),
        "checked": ({CHECKING}, CHECKED),
        "run": ({READ, CHECKED}, RUNNING),
        "done": ({RUNNING}, DONE),
        "cancel": ({UPLOADED, READ, CHECKING, CHECKED, RUNNING}, CANCELLED),
        "fail": ({UPLOADED, READ, CHECKING, CHECKED, RUNNING}, FAILED),
    }
)

WAITING = "waiting"
GONE = "gone"  # its file went away after some days

EXPORT = Transitions(
    {
        "done": ({WAITING}, DONE),
        "fail": ({WAITING}, FAILED),
        "forget": ({DONE}, GONE),
    }
)
