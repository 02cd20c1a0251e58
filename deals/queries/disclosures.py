"""The one door for reading disclosures, and what a reader may do with one."""

from allauth.account.models import EmailAddress
from django.db.models import Case, IntegerField, Q, QuerySet, When

from accounts.models import Organisation
from accounts.queries.alliances import allied_ids
from accounts.queries.organisations import own
from deals import disclosure_states as states
from deals.models import Disclosure, DisclosureInventor, InformalTransfer
from deals.rules import CASE_ROLES
from marketplace.core.actor import Actor

MOST_INSTITUTIONS = 1000


def addresses_of(actor: Actor) -> list[str]:
    """Addresses that the person has confirmed, in small letters."""
    if actor.user_id is None:
        return []
    mine = EmailAddress.objects.filter(user_id=actor.user_id, verified=True)
    return [address.lower() for address in mine.values_list("email", flat=True)]


def visible_to(actor: Actor) -> QuerySet[Disclosure]:
    """The author's own, while a member of its organisation; those that name a confirmed address of
    the person as an inventor, once they are asked to sign; and from their submission those of the
    institutions in which the actor is owner, editor or broker. Nobody else's, not an operator's."""
    if actor.is_system:
        return Disclosure.objects.all()
    if actor.user_id is None:
        return Disclosure.objects.none()
    named = DisclosureInventor.objects.filter(email__in=addresses_of(actor)).values("disclosure")
    return Disclosure.objects.filter(
        Q(author_id=actor.user_id, organisation_id__in=sorted(actor.organisation_ids))
        | Q(pk__in=named, state__in=states.SHOWN_TO_INVENTORS)
        | Q(institution_id__in=sorted(actor.ids_with(*CASE_ROLES)), state__in=states.AT_INSTITUTION)
    )


def mine(actor: Actor) -> QuerySet[Disclosure]:
    """Those that the person wrote or is an inventor of, newest first."""
    named = DisclosureInventor.objects.filter(email__in=addresses_of(actor)).values("disclosure")
    return visible_to(actor).filter(Q(author_id=actor.user_id or 0) | Q(pk__in=named)).order_by(
        "-id"
    )  # fmt: skip


def inbox(actor: Actor) -> QuerySet[Disclosure]:
    """What was submitted to the actor's institutions: what waits first, then newest first."""
    waits = Case(When(state=states.SUBMITTED, then=0), default=1, output_field=IntegerField())
    return Disclosure.objects.filter(
        institution_id__in=sorted(actor.ids_with(*CASE_ROLES)), state__in=states.AT_INSTITUTION
    ).order_by(waits, "-id")  # fmt: skip


def with_people(queryset: QuerySet[Disclosure]) -> QuerySet[Disclosure]:
    """What a row or the page shows."""
    return queryset.select_related(
        "organisation", "institution", "author", "decided_by", "case"
    ).prefetch_related("inventors")


def is_author(actor: Actor, disclosure: Disclosure) -> bool:
    return (
        actor.user_id is not None
        and disclosure.author_id == actor.user_id
        and disclosure.organisation_id in actor.organisation_ids
    )


def works_there(actor: Actor, disclosure: Disclosure) -> bool:
    """Whether the actor decides on it for the institution."""
    return (
        disclosure.state in states.AT_INSTITUTION
        and disclosure.institution_id is not None
        and actor.can(disclosure.institution_id, *CASE_ROLES)
    )


def own_signature(actor: Actor, disclosure: Disclosure) -> DisclosureInventor | None:
    """The inventor that the person is, by a confirmed address."""
    known = addresses_of(actor)
    return next((one for one in disclosure.inventors.all() if one.email in known), None)


def organisations_of(actor: Actor) -> QuerySet[Organisation]:
    """For which the actor may disclose: those it is a member of."""
    return own(actor).order_by("id")


def institutions_for(actor: Actor) -> list[Organisation]:
    """Verified institutions to disclose to: those of the actor's alliances and its own ones first,
    then units inside universities and institutes (type III), then the others."""
    near = sorted(allied_ids(actor.organisation_ids))
    place = Case(
        When(pk__in=near, then=0), When(tti_type="III", then=1), default=2,
        output_field=IntegerField(),
    )  # fmt: skip
    found = Organisation.objects.filter(kind="tti", verified_at__isnull=False)
    return list(found.order_by(place, "name_zh", "id")[:MOST_INSTITUTIONS])


def informal_visible_to(actor: Actor) -> QuerySet[InformalTransfer]:
    """The person's own, while a member of the organisation, and those told to its institutions."""
    if actor.is_system:
        return InformalTransfer.objects.all()
    if actor.user_id is None:
        return InformalTransfer.objects.none()
    return InformalTransfer.objects.filter(
        Q(author_id=actor.user_id, organisation_id__in=sorted(actor.organisation_ids))
        | Q(institution_id__in=sorted(actor.ids_with(*CASE_ROLES)))
    )
