"""Background work of this room."""

import datetime as dt
from typing import Any

from insights import institutions
from insights.open_data import making
from marketplace.core.jobs import job


# A register of millions takes many minutes; nothing is given out before all of it is written.
@job(making.JOB, queue="long", lease=dt.timedelta(hours=3))
def make_open_data(payload: dict[str, Any]) -> None:
    making.make_open_data(payload["year"])


# Asked for by the register itself, when an edition ends: nobody waits a week for what was closed.
@job(making.RENEW_JOB, queue="long", lease=dt.timedelta(hours=3))
def renew_open_data(payload: dict[str, Any]) -> None:
    making.renew(payload["year"])


@job("insights.open_data_due", every=dt.timedelta(days=1))
def open_data_due(payload: dict[str, Any]) -> None:
    making.ask_due()


@job(institutions.JOB, lease=dt.timedelta(minutes=30), queue="long")
def publish_institutions(payload: dict[str, Any]) -> None:
    institutions.publish(payload["year"])


@job("insights.institutions_due", every=dt.timedelta(days=1))
def institutions_due(payload: dict[str, Any]) -> None:
    institutions.ask_due()
