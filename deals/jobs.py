"""Work of this room that is done by workers. Every handler may run twice."""

import datetime as dt
from typing import Any

from deals.actions import (
    case_endings,
    case_tasks,
    fee_clock,
    gathering_places,
    ip_events,
    opening,
    project_import_care,
    project_import_turns,
    project_imports,
    referral_carrying,
    reminders,
    requests,
    royalty_clock,
    sale_opening,
    sale_results,
    term_sheets,
    training,
    valuations,
)
from marketplace.core.jobs import job


@job("deals.open_introduction", queue="matching")
def open_introduction(payload: dict[str, Any]) -> None:
    opening.open_for_match(payload["match"])


@job("deals.simulate_valuation")
def simulate_valuation(payload: dict[str, Any]) -> None:
    valuations.run_simulation(payload["simulation"])


@job("deals.expire_offers", every=dt.timedelta(minutes=30))
def expire_offers(payload: dict[str, Any]) -> None:
    term_sheets.expire_offers()


@job(case_endings.WAKE_JOB)
def wake_case(payload: dict[str, Any]) -> None:
    case_endings.wake_one(payload["case"])


@job("deals.wake_cases", every=dt.timedelta(hours=1))
def wake_cases(payload: dict[str, Any]) -> None:
    case_endings.queue_waking()


@job("deals.remind_of_tasks", every=dt.timedelta(hours=1))
def remind_of_tasks(payload: dict[str, Any]) -> None:
    case_tasks.remind_of_tasks()


@job("deals.remind_of_deadlines", every=dt.timedelta(hours=1))
def remind_of_deadlines(payload: dict[str, Any]) -> None:
    ip_events.remind_of_deadlines()


@job("deals.remind_of_payments", every=dt.timedelta(hours=6), lease=dt.timedelta(minutes=10))
def remind_of_payments(payload: dict[str, Any]) -> None:
    reminders.remind_of_payments()


@job("deals.remind_of_fees", every=dt.timedelta(hours=6), lease=dt.timedelta(minutes=10))
def remind_of_fees(payload: dict[str, Any]) -> None:
    fee_clock.remind_of_fees()


@job("deals.open_royalty_periods", every=dt.timedelta(hours=6), lease=dt.timedelta(minutes=10))
def open_royalty_periods(payload: dict[str, Any]) -> None:
    royalty_clock.open_periods()


@job("deals.remind_of_statements", every=dt.timedelta(hours=6), lease=dt.timedelta(minutes=10))
def remind_of_statements(payload: dict[str, Any]) -> None:
    royalty_clock.remind_of_statements()


@job("deals.expire_referrals", every=dt.timedelta(hours=1))
def expire_referrals(payload: dict[str, Any]) -> None:
    referral_carrying.expire_referrals()


@job("deals.remind_of_reports", every=dt.timedelta(hours=6))
def remind_of_reports(payload: dict[str, Any]) -> None:
    referral_carrying.remind_of_reports()


@job("deals.expire_requests", every=dt.timedelta(hours=1))
def expire_requests(payload: dict[str, Any]) -> None:
    requests.expire_requests()


@job("deals.remind_of_requests", every=dt.timedelta(hours=6))
def remind_of_requests(payload: dict[str, Any]) -> None:
    requests.remind_of_requests()


@job("deals.remind_of_gatherings", every=dt.timedelta(hours=1))
def remind_of_gatherings(payload: dict[str, Any]) -> None:
    gathering_places.remind_of_gatherings()


@job("deals.remind_of_training", every=dt.timedelta(days=1))
def remind_of_training(payload: dict[str, Any]) -> None:
    training.remind_of_training()


@job("deals.move_sales", every=dt.timedelta(minutes=1))
def move_sales(payload: dict[str, Any]) -> None:
    sale_opening.move_sales()
    sale_results.sign_waiting()


@job(sale_results.SIGN_JOB)
def sign_sale_result(payload: dict[str, Any]) -> None:
    sale_results.sign_result(payload["sale"])


@job(project_imports.JOB, queue="long", lease=dt.timedelta(minutes=10))
def project_import_turn(payload: dict[str, Any]) -> None:
    project_import_turns.take_turn(payload["run"])


@job("deals.look_after_project_imports", every=dt.timedelta(minutes=30))
def look_after_project_imports(payload: dict[str, Any]) -> None:
    project_import_care.look_after_project_imports()
