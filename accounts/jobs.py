"""Background work of this room."""

from typing import Any

from accounts import mail
from marketplace.core.jobs import job


@job(mail.SEND, queue="default", max_tries=10)
def send_mail(payload: dict[str, Any]) -> None:
    """Send one sealed mail. Sent twice only if a worker dies between sending and noting it."""
    mail.deliver(payload["sealed"])
