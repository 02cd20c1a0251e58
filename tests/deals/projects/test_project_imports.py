"""Many projects from abroad by one table: checked first, opened once, never doubled."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from deals.actions.case_endings import close_case
from deals.actions.cases import change_case
from deals.actions.project_import_care import look_after_project_imports
from deals.actions.project_import_turns import take_turn
from deals.actions.project_imports import (
    cancel_project_import,
    run_project_import,
    start_project_import,
)
from deals.models import Case, CaseSequence, CaseTask, ForeignProject, ProjectImport
from events.models import Event, Notification
from marketplace.core.errors import Conflict, NotFound, Refused
from marketplace.core.models import Job
from tests.deals.cases.factories import opened
from tests.deals.projects.factories import (
    a_row,
    checked,
    outcomes,
    rival_institution,
    table,
    worked,
)

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_a_table_is_checked_then_each_row_is_a_case(cast: Cast) -> None:
    run = checked(cast, table([a_row(1), a_row(2, country="意大利", field="新能源与高效节能")]))
    assert (run.state, run.total, run.seen) == ("checked", 2, 2)
    assert not Case.objects.exists() and not ForeignProject.objects.exists()
    assert not CaseSequence.objects.exists()
    run_project_import(actor=cast.broker.actor, run_id=run.pk)
    run = worked(run)
    assert (run.state, run.seen) == ("done", 2)
    first, _second = Case.objects.order_by("number")
    year = timezone.localdate().year
    assert (first.docket, first.pipeline, first.stage, first.origin, first.probability) == (
        f"{year}-0001", "cross_border", "screened", "import", 5,
    )  # fmt: skip
    assert (first.responsible, first.organisation) == (cast.broker.user, cast.tti)
    project = first.project
    assert (project.reference, project.country, project.trl) == ("EU-0001", "ES", 6)
    assert project.other_title == "海水热泵 1"
    assert project.website == "https://ribera.example/heat"
    contact = first.contacts.get()
    assert (contact.name, contact.mail, contact.phone) == (
        "Ana Ribera", "ana@ribera.example", "+34 600 123 456",
    )  # fmt: skip
    assert Event.objects.filter(kind="case.opened").count() == 2
    assert CaseTask.objects.filter(case=first).count() == 2
    assert not CaseTask.objects.exclude(assignee=None).exists()
    assert {row.facts == {} for row in run.outcomes.all()} == {True}
    told = Notification.objects.filter(recipient=cast.broker.user)
    assert set(told.values_list("kind", flat=True)) == {
        "project_import.checked", "project_import.done",
    }  # fmt: skip


def test_again_makes_no_doubles_and_touches_nothing_that_people_changed(cast: Cast) -> None:
    run = checked(cast, table([a_row(1), a_row(2)]))
    run_project_import(actor=cast.broker.actor, run_id=run.pk)
    worked(run)
    case = Case.objects.get(project__reference="EU-0001")
    change_case(actor=cast.broker.actor, case_id=case.pk, facts={"title": "Heat from the port"})
    second = Case.objects.get(project__reference="EU-0002")
    close_case(actor=cast.broker.actor, case_id=second.pk, outcome="declined",
               reason="out_of_scope")  # fmt: skip
    again = checked(cast, table([
        a_row(1, title="Another title"), a_row(2, reference=" eu-0002 "), a_row(3),
    ]))  # fmt: skip
    assert [row[1] for row in outcomes(again)] == ["there", "there", "new"]
    assert [row.case for row in again.outcomes.all()] == [case, second, None]
    run_project_import(actor=cast.broker.actor, run_id=again.pk)
    worked(again)
    case.refresh_from_db()
    assert case.title == "Heat from the port"
    assert Case.objects.count() == 3


def test_the_same_reference_at_another_institution_is_another_project(cast: Cast) -> None:
    run = checked(cast, table([a_row(1)]))
    run_project_import(actor=cast.broker.actor, run_id=run.pk)
    worked(run)
    other = rival_institution(cast.rival)
    mine, _new = start_project_import(
        actor=cast.rival.fresh(), organisation_id=other.pk, upload=table([a_row(1)])
    )
    assert [row[1] for row in outcomes(worked(mine))] == ["new"]


def test_two_tables_with_the_same_projects_open_each_once(cast: Cast) -> None:
    one = checked(cast, table([a_row(1), a_row(2)], "one.csv"))
    two = checked(cast, table([a_row(2), a_row(3)], "two.csv"))
    for run in (one, two):
        run_project_import(actor=cast.broker.actor, run_id=run.pk)
        worked(run)
    assert Case.objects.count() == 3
    assert [row[1] for row in outcomes(two)] == ["there", "opened"]
    assert sorted(Case.objects.values_list("number", flat=True)) == [1, 2, 3]


def test_a_thousand_rows_take_seconds_and_few_turns_hold_the_docket_number(cast: Cast) -> None:
    run = checked(cast, table([a_row(nth) for nth in range(1000)]))
    opened(cast)
    began = time.monotonic()
    run_project_import(actor=cast.broker.actor, run_id=run.pk)
    run = worked(run)
    assert run.state == "done" and Case.objects.count() == 1001
    assert time.monotonic() - began < 60
    numbers = sorted(Case.objects.values_list("number", flat=True))
    assert numbers == list(range(1, 1002)), "no gap, nothing twice"


class Killed(BaseException):
    pass


def test_what_a_killed_worker_had_taken_out_goes_with_the_next_try(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    from deals.actions import project_import_turns as turns

    run, _new = start_project_import(
        actor=cast.broker.actor, organisation_id=cast.tti.pk, upload=table([a_row()])
    )
    real = turns.take_out

    def dies(run: Any, is_wanted: Any) -> None:
        real(run, is_wanted)
        raise Killed

    monkeypatch.setattr(turns, "take_out", dies)
    with pytest.raises(Killed):
        take_turn(run.public_id)
    monkeypatch.setattr(turns, "take_out", real)
    folder = Path(settings.MEDIA_ROOT)
    assert len(list(folder.rglob("*.rows"))) == 1
    with django_capture_on_commit_callbacks(execute=True):
        worked(run)
    assert list(folder.rglob("*.rows")) == [], "nothing of people is left behind"


@pytest.mark.parametrize("other", ["ＥＵ-0001", "eu-0001 ", "E\u0301-1"])
def test_a_reference_is_the_same_in_other_letters(cast: Cast, other: str) -> None:
    first = "\u00c9-1" if other[-2:] == "-1" else "EU-0001"
    run = checked(cast, table([a_row(reference=first), a_row(reference=other)]))
    assert [row.outcome for row in run.outcomes.order_by("line")] == ["new", "refused"]


def test_a_row_that_cannot_be_taken_keeps_no_reference(cast: Cast) -> None:
    run = checked(cast, table([a_row(trl="12"), a_row()]))
    assert [row.outcome for row in run.outcomes.order_by("line")] == ["refused", "new"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("after", [1, 2])
def test_a_worker_killed_half_way_leaves_no_doubles_and_another_ends_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    from deals.actions import project_import_turns as turns

    run = checked(cast, table([a_row(nth) for nth in range(30)]))
    run_project_import(actor=cast.broker.actor, run_id=run.pk)
    monkeypatch.setattr(turns, "OPENED_BATCH", 10)
    batches = []
    real = turns.make_tasks_of

    def dies(cases: Any, stage: Any) -> None:
        real(cases, stage)
        batches.append(len(cases))
        if len(batches) > after:
            raise Killed  # cases, projects and contacts of this batch are written, not committed

    monkeypatch.setattr(turns, "make_tasks_of", dies)
    with pytest.raises(Killed):
        take_turn(run.public_id)
    run.refresh_from_db()
    assert (run.state, run.seen) == ("running", 10 * after)
    assert Case.objects.count() == 10 * after
    monkeypatch.setattr(turns, "make_tasks_of", real)
    run = worked(run)
    assert (run.state, run.seen) == ("done", 30)
    assert sorted(Case.objects.values_list("number", flat=True)) == list(range(1, 31))
    assert ForeignProject.objects.count() == 30
    assert Event.objects.filter(kind="case.opened").count() == 30
    take_turn(run.public_id)
    assert Case.objects.count() == 30, "a job that runs twice does nothing twice"


def test_a_check_killed_half_way_goes_on_where_it_was(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deals.actions import project_import_turns as turns

    monkeypatch.setattr(turns, "CHECKED_BATCH", 10)
    run, _new = start_project_import(
        actor=cast.broker.actor, organisation_id=None,
        upload=table([a_row(nth % 25) for nth in range(35)]),
    )  # fmt: skip
    take_turn(run.public_id)
    take_turn(run.public_id, seconds=0)
    run.refresh_from_db()
    assert (run.state, run.seen) == ("checking", 10)
    run = worked(run)
    assert (run.state, run.seen, run.rows.name) == ("checked", 35, "")
    told = outcomes(run)
    assert [row[1] for row in told] == ["new"] * 25 + ["refused"] * 10
    assert "row 2 already" in run.outcomes.get(line=27).faults[0]["text_en"]


def test_the_job_is_a_row_before_the_work_and_is_asked_for_again_when_lost(cast: Cast) -> None:
    run, _new = start_project_import(
        actor=cast.broker.actor, organisation_id=None, upload=table([a_row(1)])
    )
    job = Job.objects.get(kind="deals.project_import_turn")
    assert (job.key, job.state) == (run.public_id, "waiting")
    job.delete()
    assert look_after_project_imports() == 0
    assert Job.objects.filter(kind="deals.project_import_turn", key=run.public_id).exists()
    Job.objects.all().delete()
    assert look_after_project_imports(timezone.now() + dt.timedelta(days=2)) == 1
    run.refresh_from_db()
    assert (run.state, run.reason_code) == ("failed", "stuck")


def test_uploads_checked_tables_and_reports_are_forgotten_after_their_days(
    cast: Cast, settings: Any
) -> None:
    waits = checked(cast, table([a_row(1)], "waits.csv"))
    done = checked(cast, table([a_row(2)], "done.csv"))
    run_project_import(actor=cast.broker.actor, run_id=done.pk)
    done = worked(done)
    storage, kept = done.file.storage, done.file.name
    assert storage.exists(kept)
    assert look_after_project_imports() == 0
    week = timezone.now() + dt.timedelta(days=settings.IMPORT_WAIT_DAYS, hours=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.transaction.on_commit", lambda work, **_more: work())
        assert look_after_project_imports(week) == 3
    assert not storage.exists(kept)
    waits.refresh_from_db()
    assert (waits.state, waits.reason_code, waits.file.name) == ("cancelled", "expired", "")
    assert waits.outcomes.get().facts == {}, "nothing is told of projects that were not taken"
    later = timezone.now() + dt.timedelta(days=settings.IMPORT_REPORT_DAYS + 8)
    assert look_after_project_imports(later) == 2
    done.refresh_from_db()
    assert done.counts == {"opened": 1} and not done.outcomes.exists()
    assert look_after_project_imports(later) == 0
    address = f"/cases/projects/import/{done.public_id}/"
    assert cast.broker.client.get(address).status_code == 200
    assert cast.broker.client.get(f"{address}report.csv").status_code == 404
    assert cast.broker.client.get(f"{address}file/").status_code == 404


def test_stopped_it_opens_no_more_and_cannot_be_stopped_twice(cast: Cast) -> None:
    run = checked(cast, table([a_row(1)]))
    cancel_project_import(actor=cast.broker.actor, run_id=run.pk)
    with pytest.raises(Conflict):
        cancel_project_import(actor=cast.broker.actor, run_id=run.pk)
    with pytest.raises(Conflict):
        run_project_import(actor=cast.broker.actor, run_id=run.pk)
    take_turn(run.public_id)
    assert not Case.objects.exists()


def test_two_clicks_make_one_import_and_one_turn(cast: Cast) -> None:
    first, is_new = start_project_import(
        actor=cast.broker.actor, organisation_id=None, upload=table([a_row(1)])
    )
    second, again = start_project_import(
        actor=cast.broker.actor, organisation_id=None, upload=table([a_row(1)])
    )
    assert (is_new, again, first.pk) == (True, False, second.pk)
    run = worked(first)
    run_project_import(actor=cast.broker.actor, run_id=run.pk)
    with pytest.raises(Conflict):
        run_project_import(actor=cast.broker.actor, run_id=run.pk)
    for nth in range(2, 4):
        checked(cast, table([a_row(nth)], f"{nth}.csv"))
    with pytest.raises(Conflict) as refusal:
        checked(cast, table([a_row(9)]))
    assert refusal.value.code == "too_many_imports"


def test_who_no_longer_works_there_opens_nothing(cast: Cast) -> None:
    from accounts.models import Membership

    run = checked(cast, table([a_row(1)]))
    run_project_import(actor=cast.broker.actor, run_id=run.pk)
    Membership.objects.filter(user=cast.broker.user).delete()
    run = worked(run)
    assert (run.state, run.reason_code) == ("failed", "role_missing")
    assert not Case.objects.exists()


def test_others_start_nothing_and_find_nothing(cast: Cast) -> None:
    run = checked(cast, table([a_row(1)]))
    for player in (cast.owner, cast.operator, cast.newcomer, cast.registrar):
        with pytest.raises(Refused):
            start_project_import(actor=player.actor, organisation_id=None, upload=table([a_row(2)]))
        with pytest.raises(NotFound):
            run_project_import(actor=player.actor, run_id=run.pk)
    rival_institution(cast.rival)
    with pytest.raises(NotFound):
        cancel_project_import(actor=cast.rival.fresh(), run_id=run.pk)
    with pytest.raises(Refused):
        start_project_import(
            actor=cast.rival.fresh(), organisation_id=cast.tti.pk, upload=table([a_row(2)])
        )
    assert ProjectImport.objects.count() == 1
