"""What an institution declares of a year: drafting, submitting, correcting. Owners only."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from deals import event_kinds
from deals import report_states as states
from deals.models import ServiceReport
from deals.models.service_reports import FIRST_YEAR, MAX_COUNT, MAX_MONEY, MAX_REASON
from deals.queries.service_reports import (
    draft_of,
    is_over,
    is_possible,
    own_institutions,
    submitted_of,
    visible_to,
)
from deals.service_figures import FIGURES, IP_PREFIX, MONEY, SECTIONS, column_of
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.cleaning import words_of
from marketplace.core.codes import IP_KINDS
from marketplace.core.errors import Conflict, Invalid, Message, NotFound, Stale, field_error
from marketplace.core.gates import lock

_CENT = Decimal("0.01")
# codes of figures that a report declares, as forms and the API name them
DECLARED = tuple(code for section in SECTIONS.values() for code in section)
# submission asks for each of these, zero included; kinds of IP that are not named are none
NEEDED = tuple(code for code in DECLARED if not code.startswith(IP_PREFIX))


@transaction.atomic
def write_report(
    *, actor: Actor, institution_id: int, year: int, facts: Mapping[str, Any],
    expected_version: int | None = None,
) -> ServiceReport:  # fmt: skip
    """Write into the draft of a year, which is made when there is none; after a submission it is a
    correction, filled with what was submitted.

    facts: any of DECLARED (CNY as Decimal, numbers as int, None for not said), `is_named`, and
    `reason`, why it is corrected. expected_version: of the draft, 0 for none. Raises NotFound for
    who does not own a verified institution, Invalid with every faulty field, `year` for one to
    come, Stale.
    """
    institution = own_institutions(actor).filter(pk=institution_id).first()
    if institution is None:
        raise NotFound
    if not isinstance(year, int) or not is_possible(year):
        raise field_error(
            "year",
            _("Give a year from %(first)s to this one.") % {"first": FIRST_YEAR},
            code="impossible_year",
        )
    # the institution's row is the lock under which a year has one draft
    lock(Organisation.objects.all(), institution.pk)
    report = draft_of(institution.pk, year)
    _require_version(report.version if report else 0, expected_version)
    is_new = report is None
    report = report or _new_draft(institution, year, actor)
    _apply(report, facts)
    if not is_new:
        report.version += 1
    report.save()
    record(
        event_kinds.REPORT_DRAFTED if is_new else event_kinds.REPORT_CHANGED,
        actor=actor, obj=report, organisation_ids=[institution.pk],
        data={"year": year, "number": report.number, "fields": sorted(facts)},
    )  # fmt: skip
    return report


@transaction.atomic
def change_report(
    *, actor: Actor, report_id: int, facts: Mapping[str, Any], expected_version: int | None = None
) -> ServiceReport:
    """The same for a draft that is there. Raises Conflict for what is submitted."""
    report = _locked_draft(actor, report_id, expected_version)
    return write_report(
        actor=actor, institution_id=report.institution_id, year=report.year, facts=facts
    )


@transaction.atomic
def submit_report(
    *, actor: Actor, report_id: int, expected_version: int | None = None
) -> ServiceReport:
    """Submit the draft: from now on it is frozen, counts in the public figures, and replaces the
    version before.

    Raises NotFound, Conflict `year_not_over`, Invalid with each figure that is missing, `reason` of
    a correction included, Stale.
    """
    report = _locked_draft(actor, report_id, expected_version)
    target = states.TRANSITIONS.target("submit", report.state)
    if not is_over(report.year):
        raise Conflict(
            "year_not_over",
            _("The year %(year)s is not over yet. Its figures can be submitted from January on.")
            % {"year": report.year},
        )
    before = submitted_of(report.institution_id, report.year)
    missing: dict[str, list[Message]] = {
        code: [_("Still missing. Enter 0 where there was nothing.")]
        for code in NEEDED
        if getattr(report, column_of(code)) is None
    }
    if before is not None and not report.reason:
        missing["reason"] = [_("Say why the figures are corrected.")]
    if missing:
        raise Invalid(
            "incomplete", _("Some figures are still missing: they are marked."), fields=missing
        )
    now = timezone.now()
    if before is not None:
        before.state = states.TRANSITIONS.target("replace", before.state)
        before.replaced_at = now
        before.version += 1
        before.save(update_fields=["state", "replaced_at", "version", "updated_at"])
    report.state, report.submitted_at = target, now
    report.submitted_by_id = actor.user_id
    report.tti_type = report.institution.tti_type
    report.version += 1
    report.save()
    record(
        event_kinds.REPORT_CORRECTED if before else event_kinds.REPORT_SUBMITTED,
        actor=actor, obj=report, organisation_ids=[report.institution_id],
        data={"year": report.year, "number": report.number},
    )  # fmt: skip
    return report


@transaction.atomic
def discard_report(*, actor: Actor, report_id: int, expected_version: int | None = None) -> None:
    """Delete the draft; what was submitted stays. Raises NotFound, Conflict, Stale."""
    report = _locked_draft(actor, report_id, expected_version)
    record(
        event_kinds.REPORT_DISCARDED, actor=actor, obj=report,
        organisation_ids=[report.institution_id],
        data={"year": report.year, "number": report.number},
    )  # fmt: skip
    report.delete()


def _locked_draft(actor: Actor, report_id: int, expected_version: int | None) -> ServiceReport:
    found = visible_to(actor).filter(pk=report_id, institution__in=own_institutions(actor)).first()
    if found is None:
        raise NotFound
    lock(Organisation.objects.all(), found.institution_id)
    report = lock(ServiceReport.objects.select_related("institution"), report_id)
    if not report.is_draft:
        raise Conflict(
            "wrong_state", _("These figures are submitted. Correct them in a new version.")
        )
    _require_version(report.version, expected_version)
    return report


def _require_version(stored: int, expected: int | None) -> None:
    if expected is not None and expected != stored:
        raise Stale(
            "stale_version",
            _("The figures have changed since you opened them. Look at them again."),
        )


def _new_draft(institution: Organisation, year: int, actor: Actor) -> ServiceReport:
    """Filled with what holds, so that a correction changes what is wrong and nothing else."""
    last = ServiceReport.objects.filter(institution=institution, year=year)
    number = max([0, *last.values_list("number", flat=True)]) + 1
    draft = ServiceReport(institution=institution, year=year, number=number)
    draft.written_by_id = actor.user_id
    before = submitted_of(institution.pk, year)
    if before is not None:
        for code in NEEDED:
            setattr(draft, column_of(code), getattr(before, column_of(code)))
        draft.ip_acquired, draft.is_named = dict(before.ip_acquired), before.is_named
    return draft


def _apply(report: ServiceReport, facts: Mapping[str, Any]) -> None:
    errors: dict[str, list[Message]] = {}
    for name, value in facts.items():
        if name == "reason":
            try:
                report.reason = words_of(name, str(value or ""), MAX_REASON, missing="")
            except Invalid as error:
                errors.update(error.fields)
        elif name == "is_named":
            report.is_named = bool(value)
        elif name not in DECLARED:
            errors[name] = [_("There is no such field.")]
        elif message := _fault(name, value):
            errors[name] = [message]
        elif name.startswith(IP_PREFIX):
            _set_ip(report, name.removeprefix(IP_PREFIX), value)
        else:
            setattr(report, column_of(name), value)
    if errors:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=errors)


def _set_ip(report: ServiceReport, kind: str, value: int | None) -> None:
    """Kinds in the order of the list, without those of which there are none."""
    held = {**report.ip_acquired, kind: value or 0}
    report.ip_acquired = {one.code: held[one.code] for one in IP_KINDS if held.get(one.code)}


def _fault(code: str, value: Any) -> Message | None:
    if value is None:
        return None
    if FIGURES[code].code in MONEY:
        if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value < MAX_MONEY:
            return _("Give an amount in yuan, from 0 and below a trillion.")
        if value != value.quantize(_CENT):
            return _("An amount has at most two decimals.")
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < MAX_COUNT:
        return _("Give a whole number from 0, below 100 million.")
    return None
