"""Schemes of distribution by their codes: of the platform, and those an organisation wrote."""

import datetime as dt
import re
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from deals import event_kinds
from deals.distribution.schemes import Scheme, all_schemes, made_of, usable
from deals.models import DistributionRun, IncomeAccount, OwnScheme
from deals.models.own_schemes import OWN
from deals.rules import PARTY_ROLES
from events.models import Event
from marketplace.core.actor import Actor

_FAMILY = re.compile(r"[0-9A-Z]{10}")


def visible_to(actor: Actor) -> QuerySet[OwnScheme]:
    """Those of organisations whose income the actor sees (deals.queries.income)."""
    if actor.is_system:
        return OwnScheme.objects.all()
    return OwnScheme.objects.filter(organisation_id__in=sorted(actor.ids_with(*PARTY_ROLES)))


def may_approve(row: OwnScheme, actor: Actor) -> bool:
    """An owner of the organisation who wrote nothing of it, neither last nor before."""
    is_owner = "owner" in actor.roles.get(row.organisation_id, frozenset())
    return row.is_draft and is_owner and not is_author(row, actor)


def is_author(row: OwnScheme, actor: Actor) -> bool:
    """Whether the actor wrote the draft, or changed it before somebody else did."""
    return row.made_by_id == actor.user_id or Event.objects.filter(
        object_type="ownscheme", object_id=row.public_id, actor_id=actor.user_id,
        kind__in=[event_kinds.OWN_SCHEME_WRITTEN, event_kinds.OWN_SCHEME_CHANGED],
    ).exists()  # fmt: skip


def runs_of(row: OwnScheme) -> QuerySet[DistributionRun]:
    """Runs by any version of its scheme that are approved and stand."""
    return DistributionRun.objects.filter(
        account__organisation=row.organisation_id, scheme__startswith=f"{row.family_code}-",
        state=DistributionRun.State.APPROVED, reverses__isnull=True,
    ).exclude(reversal__state=DistributionRun.State.APPROVED)  # fmt: skip


def scheme_of(row: OwnScheme, code: str = "") -> Scheme:
    """What a row says; under the code of its edition unless another is given."""
    document: dict[str, Any] = {"note_en": "", "note_zh": "", **row.document}
    return made_of({
        **document, "code": code or row.code, "valid_from": row.valid_from, "valid_to": None,
        "sources": [],
    })  # fmt: skip


def editions_of(family: str) -> QuerySet[OwnScheme]:
    """Approved ones, the one that holds last first."""
    return OwnScheme.objects.filter(family=family, state=OwnScheme.State.APPROVED).order_by(
        "-valid_from"
    )


def by_code(code: str, day: dt.date | None = None) -> Scheme | None:
    """The scheme of an account or a run; None for a code that is nobody's.

    An own scheme that is named without its edition is the one that holds on the day, under the code
    of that edition; before the first it is the first, which then does not hold.
    """
    if not code.startswith(OWN):
        return all_schemes().get(code)
    family, _dash, edition = code.removeprefix(OWN).partition("-")
    if edition:
        return _edition(family, int(edition)) if edition.isdecimal() else None
    found = editions_of(family)
    row = (found.filter(valid_from__lte=day).first() if day else found.first()) or found.last()
    return scheme_of(row) if row else None


@lru_cache(maxsize=256)
def _stored(family: str, edition: int) -> Scheme:
    """An approved scheme is never changed, so that each process reads it once."""
    return scheme_of(
        OwnScheme.objects.get(family=family, edition=edition, state=OwnScheme.State.APPROVED)
    )


def _edition(family: str, edition: int) -> Scheme | None:
    try:
        return _stored(family, edition)
    except OwnScheme.DoesNotExist:
        return None


def is_choosable(account: IncomeAccount, code: str) -> bool:
    """Whether an account may name it: of the platform, or its own organisation's, approved."""
    if not code.startswith(OWN):
        return code in all_schemes()
    family = code.removeprefix(OWN)
    if not _FAMILY.fullmatch(family):
        return False
    return editions_of(family).filter(organisation=account.organisation_id).exists()


def choosable(account: IncomeAccount, day: dt.date) -> list[Scheme]:
    """What the account can be distributed by on a day: its organisation's own schemes, then those
    of the platform. An own one has the code of its family."""
    rows = OwnScheme.objects.filter(
        organisation=account.organisation_id, state=OwnScheme.State.APPROVED, valid_from__lte=day
    ).order_by("family", "-valid_from").distinct("family")  # fmt: skip
    own = [scheme_of(row, row.family_code) for row in rows]
    return usable(day, account.currency, own) + usable(day, account.currency)
