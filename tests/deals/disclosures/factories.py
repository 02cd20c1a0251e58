"""Disclosures for tests: of a university's owner to cast.tti, made through the actions."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone

from deals.actions.disclosure_signing import ask_for_signatures, sign_by_link
from deals.actions.disclosures import begin_disclosure, set_inventors
from deals.disclosure_content import content_digest
from marketplace.core import jobs

if TYPE_CHECKING:
    from deals.models import Disclosure
    from tests.cast import Cast

TEXT = "A binder that holds silicon together for a thousand cycles."
ROWS = [
    {"name": "Wei Lan", "email": "wei@inventors.example", "affiliation": "Lakeside", "share":
        Decimal("33.34")},
    {"name": "Ada Moss", "email": "ada@inventors.example", "affiliation": "", "share":
        Decimal("66.66")},
]  # fmt: skip
LINK = re.compile(r"/disclosures/sign/([\w-]{20,})/")


def begun(cast: Cast, **facts: Any) -> Disclosure:
    """A draft with everything but inventors."""
    given = {
        "title_en": "Quiet binder", "description_en": TEXT, "institution": cast.tti.pk,
        "conceived_on": timezone.localdate() - dt.timedelta(days=90), **facts,
    }  # fmt: skip
    return begin_disclosure(actor=cast.outsider.actor, facts=given)


def written(cast: Cast, rows: Any = ROWS, **facts: Any) -> Disclosure:
    made = begun(cast, **facts)
    return set_inventors(actor=cast.outsider.actor, disclosure_id=made.pk, rows=rows)[0]


def asked(cast: Cast, rows: Any = ROWS, **facts: Any) -> tuple[Disclosure, dict[str, str]]:
    """Waiting for signatures, and the secrets of the links by address, read from the mails."""
    made = written(cast, rows, **facts)
    mail.outbox.clear()
    ask_for_signatures(actor=cast.outsider.actor, disclosure_id=made.pk)
    made.refresh_from_db()
    return made, mailed()


def mailed() -> dict[str, str]:
    """Address -> secret of the last link mailed to it."""
    jobs.drain()
    found = {}
    for one in mail.outbox:
        if link := LINK.search(str(one.body)):
            found[one.to[0]] = link[1]
    return found


def digest_of(disclosure: Disclosure) -> str:
    disclosure.refresh_from_db()
    return content_digest(disclosure, list(disclosure.inventors.order_by("position")))


def submitted(cast: Cast, rows: Any = ROWS, **facts: Any) -> Disclosure:
    """Signed by all."""
    made, links = asked(cast, rows, **facts)
    for row in rows:
        sign_by_link(
            actor=cast.visitor.actor, secret=links[row["email"]], name=row["name"],
            seen=digest_of(made),
        )  # fmt: skip
    made.refresh_from_db()
    return made


def confirm(player: Any, email: str) -> None:
    """The person has this address, confirmed."""
    EmailAddress.objects.create(user=player.user, email=email, verified=True)
