"""Mail about accounts goes through the outbox: written now, sent by a worker, tried again.

Such mails hold links that open an account, so the waiting row holds them sealed: whoever reads
the table of jobs (an operator's page, a backup) cannot use them.
"""

import json

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from accounts.sealing import seal, unseal
from marketplace.core import jobs

SEND = "accounts.send_mail"


def post(*, to: list[str], subject: str, text: str) -> None:
    """Queue a plain text mail; call it inside the transaction that makes it necessary."""
    message = json.dumps({"to": to, "subject": subject, "text": text})
    jobs.enqueue(SEND, {"sealed": seal("mail", message)})


def deliver(sealed: str) -> None:
    """Hand one sealed message to the mail server. Raises what the server connection raises."""
    message = json.loads(unseal("mail", sealed))
    EmailMultiAlternatives(
        subject=message["subject"],
        body=message["text"],
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=message["to"],
        headers={"Auto-Submitted": "auto-generated"},
    ).send()
