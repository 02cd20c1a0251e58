"""Legal moves of a report of service figures. `ServiceReport.state` changes only through
deals.actions.service_reports."""

from marketplace.core.states import Transitions

DRAFT = "draft"
SUBMITTED = "submitted"
REPLACED = "replaced"

TRANSITIONS = Transitions(
    {
        "edit": ({DRAFT}, DRAFT),
        "submit": ({DRAFT}, SUBMITTED),
        "replace": ({SUBMITTED}, REPLACED),  # by the submission of its correction
    }
)
