"""Work of this room that is done by workers. Every handler may run twice."""

import datetime as dt
from typing import Any

from contracts import figures
from marketplace.core.jobs import job


@job("contracts.fold_figures", every=dt.timedelta(minutes=1), lease=dt.timedelta(minutes=10))
def fold_figures(payload: dict[str, Any]) -> None:
    figures.fold_all()
