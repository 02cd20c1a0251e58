"""Introductions that an institution is offered without a party having asked all brokers: those of
its clients, and those of pairs that it proposed."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Organisation
from deals import states
from deals.models import Introduction
from deals.models.enquiries import Enquiry
from matching.models import Mandate, Proposal


def with_a_broker() -> Exists:
    """A condition on matches: pairs whose live introduction has a broker."""
    return Exists(
        Introduction.objects.filter(
            need_id=OuterRef("need_id"),
            technology_id=OuterRef("technology_id"),
            broker_organisation__isnull=False,
        ).exclude(state=states.CLOSED)
    )


def is_offered_to(institution_ids: list[int]) -> Q:
    """A condition on introductions: one of these institutions proposed the pair, or holds a
    mandate of a party that is named in it."""
    clients = Mandate.objects.filter(
        institution_id__in=institution_ids, withdrawn_at__isnull=True
    ).values("organisation_id")
    return (
        Q(need_party_id__in=clients, need__is_anonymous=False)
        | Q(technology_party_id__in=clients, technology__is_anonymous=False)
        | Q(match__proposal__institution_id__in=institution_ids)
    )


def institutions_for(introduction: Introduction) -> QuerySet[Organisation]:
    """The institutions that are offered this introduction."""
    named = [
        party
        for party, listing in (
            (introduction.need_party_id, introduction.need),
            (introduction.technology_party_id, introduction.technology),
        )
        if not listing.is_anonymous
    ]
    mandates = Mandate.objects.filter(organisation_id__in=named, withdrawn_at__isnull=True)
    proposals = Proposal.objects.filter(match_id=introduction.match_id or 0)
    return Organisation.objects.filter(
        Q(pk__in=mandates.values("institution_id")) | Q(pk__in=proposals.values("institution_id")),
        kind="tti",
        verified_at__isnull=False,
    )


def asked_institutions(introduction: Introduction) -> set[int] | None:
    """The institutions that alone may take it up: the one that an enquiry without a name goes
    through, or those it is offered to where nobody asked for a broker. None: every one may."""
    enquiry = Enquiry.objects.filter(introduction=introduction).first()
    if enquiry is not None and enquiry.through_id is not None:
        return {enquiry.through_id}
    if introduction.broker_asked_at is None:
        return set(institutions_for(introduction).values_list("pk", flat=True))
    return None
