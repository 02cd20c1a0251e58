"""Background work of this room."""

import datetime as dt
from typing import Any

from events import actions, mail
from events.webhooks import queueing, sending
from marketplace.core.jobs import job


@job("events.mail_one", queue="mail")
def mail_one(payload: dict[str, Any]) -> None:
    mail.send_one(payload["notification"])


@job("events.mail_digest", queue="mail")
def mail_digest(payload: dict[str, Any]) -> None:
    mail.send_digest(payload["user"])


@job("events.queue_digests", every=dt.timedelta(days=1))
def queue_digests(payload: dict[str, Any]) -> None:
    actions.queue_digests()


@job(queueing.JOB, queue="webhooks")
def deliver_webhook(payload: dict[str, Any]) -> None:
    sending.deliver(payload["delivery"])


@job("events.tidy_webhooks", every=dt.timedelta(hours=1))
def tidy_webhooks(payload: dict[str, Any]) -> None:
    sending.tidy()
