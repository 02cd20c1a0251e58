"""Disclosures to the demo broker's institution: one waits for signatures, one became a case that is
assessed by two people, protected and marketed. Made through the actions that pages use."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership, User
from accounts.queries import actor_for
from deals.actions import approaches, assessments, ip_events
from deals.actions.disclosure_decisions import accept_disclosure
from deals.actions.disclosure_signing import ask_for_signatures, sign_in_person
from deals.actions.disclosures import begin_disclosure, set_inventors
from deals.disclosure_content import content_digest
from deals.models import Case, Disclosure
from marketplace.core.actor import Actor
from marketplace.demo.names import MAIL_DOMAIN, in_days, read
from marketplace.demo.parties import Parties

INSTITUTION, AUTHOR, HOME = "bay-area-ttc", "supplier", "nanshan-institute-materials"


@transaction.atomic
def load_disclosures(parties: Parties) -> None:
    """All of them, once: what people did with them since is theirs."""
    institution = parties.organisations[INSTITUTION]
    if Disclosure.objects.filter(institution=institution).exists():
        return
    author = actor_for(parties.people[AUTHOR], "zh-hans")
    for row in read("disclosures.yaml"):
        facts = {**row["facts"], "institution": institution.pk}
        for name in ("conceived_on", "published_on"):
            if name in facts:
                facts[name] = in_days(facts[name])
        made = begin_disclosure(
            actor=author, facts=facts, organisation_id=parties.organisations[HOME].pk
        )
        inventors = [{**one, "share": Decimal(one["share"])} for one in row["inventors"]]
        set_inventors(actor=author, disclosure_id=made.pk, rows=inventors)
        ask_for_signatures(actor=author, disclosure_id=made.pk)
        for one in inventors:
            _sign(made, one)
        if "case" in row:
            _carry_on(made, row["case"], parties)


def _sign(made: Disclosure, inventor: dict[str, Any]) -> None:
    """Those who have an account sign; the others are waited for."""
    person = User.objects.filter(email=inventor["email"]).first()
    if person is not None:
        sign_in_person(
            actor=actor_for(person, person.language), disclosure_id=made.pk, name=inventor["name"],
            seen=content_digest(made, list(made.inventors.order_by("position", "id"))),
        )  # fmt: skip


def _carry_on(made: Disclosure, row: dict[str, Any], parties: Parties) -> None:
    broker = actor_for(User.objects.get(email=f"broker@{MAIL_DOMAIN}"), "zh-hans")
    case = accept_disclosure(actor=broker, disclosure_id=made.pk)
    for assessor, card in zip(_assessors(case, broker), row["cards"], strict=False):
        scores = {
            code: {"score": given[0], "evidence": given[1] if len(given) > 1 else ""}
            for code, given in card.items()
        }
        assessments.save_scorecard(actor=assessor, case_id=case.pk, scores=scores)
    one: dict[str, Any] = {"actor": broker, "case_id": case.pk}
    assessments.note_readiness(**one, **row["readiness"])
    for event in row["protection"]:
        facts: dict[str, Any] = {
            name: in_days(value) if name in ("happened_on", "deadline", "done_on") else value
            for name, value in event.items()
        }
        if "cost" in facts:
            facts["cost"] = Decimal(facts["cost"])
        ip_events.add_ip_event(**one, facts=facts)
    today = timezone.localdate()
    for contact in row["marketing"]:
        known = parties.organisations.get(contact["whom"])
        whom = {"organisation": known.public_id} if known else {"name": contact["whom"]}
        days = {"made_on": today + dt.timedelta(days=contact["made_on"])}
        if "next_on" in contact:
            days["next_on"] = in_days(contact["next_on"])
        approaches.add_approach(**one, facts={**contact, **days, **whom})


def _assessors(case: Case, broker: Actor) -> list[Actor]:
    """The broker, and another person of the institution who works with cases."""
    others = Membership.objects.filter(
        organisation_id=case.organisation_id, roles__overlap=["owner", "broker", "editor"]
    ).exclude(user_id=broker.user_id or 0)  # fmt: skip
    people = others.select_related("user").order_by("pk")[:1]
    return [broker, *(actor_for(one.user, one.user.language) for one in people)]
