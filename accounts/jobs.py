"""Background work of this room."""

import datetime as dt
from typing import Any

from accounts import mail
from accounts.actions import qualifications
from marketplace.core.jobs import job


@job(mail.SEND, queue="mail", max_tries=10)
def send_mail(payload: dict[str, Any]) -> None:
    """Send one sealed mail. Sent twice only if a worker dies between sending and noting it."""
    mail.deliver(payload["sealed"])


@job("accounts.tell_expiring", every=dt.timedelta(days=1))
def tell_expiring(payload: dict[str, Any]) -> None:
    """Tell brokers of certificates that end soon or have ended."""
    qualifications.tell_expiring()
