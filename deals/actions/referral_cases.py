"""The case that a member gets when a referral is given to it."""

from django.utils import timezone

from deals import event_kinds
from deals.actions.case_tasks import make_stage_tasks
from deals.actions.numbering import next_docket
from deals.models import (
    Case,
    CaseClient,
    CaseContact,
    CaseListing,
    CaseOrigin,
    Referral,
    ReferralClaim,
)
from deals.pipelines import pipeline
from deals.queries.centres import takings_of
from events.actions import record
from listings import states as listing_states
from marketplace.core.actor import Actor

FALLBACK = "need_brokerage"


def open_carried(referral: Referral, case: Case, claim: ReferralClaim, actor: Actor) -> Case:
    """A case in the claimant's book under its next docket number, with clients, contacts and
    published listings of the one that is referred. Notes, tasks, value and history stay. It has
    nobody responsible where the claimant may not take cases there any more."""
    line = pipeline(case.pipeline) or pipeline(FALLBACK)
    assert line is not None
    stage, now = line.stages[0], timezone.now()
    organisation_id = claim.organisation_id
    is_broker = claim.claimed_by_id in takings_of(organisation_id).ids
    made = Case(
        organisation_id=organisation_id, year=timezone.localdate(now).year, title=referral.title,
        origin=CaseOrigin.REFERRAL, pipeline=line.code, stage=stage.code, stage_since=now,
        probability=stage.probability, currency=case.currency,
        responsible_id=claim.claimed_by_id if is_broker else None, opened_by_id=actor.user_id,
    )  # fmt: skip
    made.number = next_docket(organisation_id, made.year)
    made.save()
    CaseClient.objects.bulk_create(
        CaseClient(case=made, organisation_id=row.organisation_id, name=row.name)
        for row in case.clients.order_by("id")
    )
    CaseContact.objects.bulk_create(
        CaseContact(case=made, name=row.name, role=row.role, mail=row.mail, phone=row.phone)
        for row in case.contacts.order_by("id")
    )
    told = set(
        case.listings.filter(listing__state=listing_states.PUBLISHED).values_list(
            "listing_id", flat=True
        )
    )
    if referral.listing_id:
        told.add(referral.listing_id)
    CaseListing.objects.bulk_create(CaseListing(case=made, listing_id=pk) for pk in sorted(told))
    make_stage_tasks(made, stage)
    record(
        event_kinds.CASE_OPENED, actor=actor, obj=made, organisation_ids=[organisation_id],
        after={"state": made.state, "stage": made.stage},
        data={"version": made.version, "pipeline": made.pipeline, "origin": made.origin},
    )  # fmt: skip
    return made
