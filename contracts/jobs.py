"""Work of this room that is done by workers. Every handler may run twice."""

import datetime as dt
from typing import Any

from contracts import figures
from contracts.actions import import_runs, imports, reminders, reviews, screening
from contracts.actions.certificates import JOB, complete_certificates, make_certificate
from marketplace.core.jobs import job


# Reading a file may take seconds of a processor, on a busy machine minutes: apart from what people
# wait for.
@job(reviews.JOB, queue="long", lease=dt.timedelta(minutes=10))
def review_file(payload: dict[str, Any]) -> None:
    reviews.review_file(sha256=payload["sha256"], rules_code=payload["rule_set"])


@job("contracts.review_due", every=dt.timedelta(hours=1))
def review_due(payload: dict[str, Any]) -> None:
    reviews.ask_due()


@job("contracts.fold_figures", every=dt.timedelta(minutes=1), lease=dt.timedelta(minutes=10))
def fold_figures(payload: dict[str, Any]) -> None:
    figures.fold_all()


# Asked for by the migration that comes with an upgrade; a year that is right is left as it is.
@job("contracts.count_figures", queue="long", lease=dt.timedelta(minutes=30))
def count_figures(payload: dict[str, Any]) -> None:
    figures.count_wrong_years()


@job(JOB)
def make_one(payload: dict[str, Any]) -> None:
    make_certificate(contract_id=payload["contract"])


@job("contracts.complete_certificates", every=dt.timedelta(minutes=10))
def complete(payload: dict[str, Any]) -> None:
    complete_certificates()


# Rows are drafted in turns of some seconds; reading a file may take longer.
@job(imports.JOB, queue="long", lease=dt.timedelta(minutes=10))
def import_turn(payload: dict[str, Any]) -> None:
    imports.take_turn(payload["run"])


@job("contracts.look_after_imports", every=dt.timedelta(minutes=15))
def look_after_imports(payload: dict[str, Any]) -> None:
    import_runs.look_after_imports()
    import_runs.forget_reports()


@job("contracts.remind_of_questions", every=dt.timedelta(hours=1))
def remind_of_questions(payload: dict[str, Any]) -> None:
    reminders.remind_of_questions()


@job(screening.JOB, queue="long", lease=dt.timedelta(minutes=15))
def screen_files(payload: dict[str, Any]) -> None:
    screening.screen_files(screening_id=payload["screening"])


@job(screening.DUE_JOB, every=dt.timedelta(minutes=5), lease=dt.timedelta(minutes=10))
def screen_due(payload: dict[str, Any]) -> None:
    screening.screen_due()
