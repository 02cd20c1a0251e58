"""Mail about accounts goes through the outbox: written now, sent by a worker, tried again.

Such mails hold links that open an account, so the waiting row holds them sealed: whoever reads
the table of jobs (an operator's page, a backup) cannot use them.
"""

import base64
import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from marketplace.core import jobs

SEND = "accounts.send_mail"


def _box() -> Fernet:
    key = hashlib.sha256(b"accounts.mail:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def seal(message: dict[str, Any]) -> str:
    return _box().encrypt(json.dumps(message).encode()).decode()


def unseal(sealed: str) -> dict[str, Any]:
    """Raises cryptography's InvalidToken when SECRET_KEY has changed since."""
    opened: dict[str, Any] = json.loads(_box().decrypt(sealed.encode()))
    return opened


def post(*, to: list[str], subject: str, text: str) -> None:
    """Queue a plain text mail; call it inside the transaction that makes it necessary."""
    jobs.enqueue(SEND, {"sealed": seal({"to": to, "subject": subject, "text": text})})


def deliver(sealed: str) -> None:
    """Hand one sealed message to the mail server. Raises what the server connection raises."""
    message = unseal(sealed)
    EmailMultiAlternatives(
        subject=message["subject"],
        body=message["text"],
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=message["to"],
        headers={"Auto-Submitted": "auto-generated"},
    ).send()
