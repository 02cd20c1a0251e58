"""Whom a broker means by what was typed, and whom it may mean: organisations by number or name."""

import re

from django.db.models import Q

from accounts.queries.organisations import visible_to as organisations_visible_to
from deals.models import CaseClient
from deals.queries import cases
from deals.rules import CASE_ROLES
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from matching.models import Mandate

NUMBER = re.compile(r"(?=.*[0-9])[0-9A-Z]{10}")
MOST_NEAR = 200


def meant(actor: Actor, text: str) -> dict[str, str]:
    """{"organisation": its number} or {"name": the text}: as the actions on cases and visits take
    it. A whole name means an organisation where exactly one verified one bears it."""
    text = text.replace("\x00", "").strip()
    if NUMBER.fullmatch(text):
        return {"organisation": text}
    known = organisations_visible_to(actor).filter(verified_at__isnull=False)
    same = list(
        known.filter(Q(name_zh__iexact=text) | Q(name_en__iexact=text))
        .values_list("public_id", flat=True)[:2]
    )  # fmt: skip
    return {"organisation": same[0]} if text and len(same) == 1 else {"name": text}


def near(actor: Actor) -> list[str]:
    """Names of verified clients of the actor's institutions: of cases it reads, or by mandate."""
    ours = Mandate.objects.filter(
        institution_id__in=sorted(actor.ids_with(*CASE_ROLES)), withdrawn_at__isnull=True
    )
    clients = CaseClient.objects.filter(case__in=cases.visible_to(actor))
    found = (
        organisations_visible_to(actor)
        .filter(
            Q(pk__in=ours.values("organisation_id")) | Q(pk__in=clients.values("organisation_id")),
            verified_at__isnull=False,
        )
        .order_by("name_zh", "name_en", "pk")[:MOST_NEAR]
    )
    return [pick(one, "name", actor.language).value for one in found]
