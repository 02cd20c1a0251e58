"""The one door for reading referrals. Members of an alliance read its board; only the two parties
read claims, reports and the agreement, there whoever reads the case."""

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import Alliance, AllianceMember, Organisation
from deals import referral_states as states
from deals.models import Case, Referral, ReferralAgreement, ReferralClaim
from deals.queries.cases import own_institutions, reads
from deals.rules import CASE_ROLES
from marketplace.core.actor import Actor

PUBLISHER, CARRIER = "publisher", "carrier"


def _memberships(actor: Actor) -> QuerySet[AllianceMember]:
    """Of verified institutions in which the actor works with cases."""
    return AllianceMember.objects.filter(
        state=AllianceMember.State.MEMBER, organisation__in=own_institutions(actor)
    )


def alliances_of(actor: Actor) -> QuerySet[Alliance]:
    """Alliances whose board the actor reads."""
    return Alliance.objects.filter(
        pk__in=_memberships(actor).values("alliance")
    ).select_related("lead").order_by("id")  # fmt: skip


def visible_to(actor: Actor) -> QuerySet[Referral]:
    """What stands on the boards of the actor's alliances, and whatever its institutions published,
    claimed or carry on, also after they left.

    An institution that left an alliance, or is no longer verified, reads only its own there.
    """
    if actor.is_system:
        return Referral.objects.all()
    ids = sorted(actor.ids_with(*CASE_ROLES))
    claimed = ReferralClaim.objects.filter(referral=OuterRef("pk"), organisation_id__in=ids)
    on_the_board = Q(
        state__in=sorted(states.ON_THE_BOARD), alliance__in=_memberships(actor).values("alliance")
    )
    return Referral.objects.filter(
        Q(publisher_id__in=ids) | Q(carrier_id__in=ids) | Exists(claimed) | on_the_board
    )


def reads_boards(actor: Actor) -> bool:
    return actor.is_system or _memberships(actor).exists() or visible_to(actor).exists()


def side_of(referral: Referral, actor: Actor) -> str:
    """PUBLISHER or CARRIER for people of that institution who read its case; "" for everybody else
    who may read the referral. No query for owners and for outsiders, else one or two."""
    if reads(actor, referral.publisher_id, referral.case_id):
        return PUBLISHER
    carrier_id = referral.carrier_id or 0
    return CARRIER if reads(actor, carrier_id, referral.carried_case_id) else ""


def claimants_of(actor: Actor, referral: Referral) -> QuerySet[Organisation]:
    """Institutions for which the actor may claim it: members of its alliance, not the publisher."""
    members = AllianceMember.objects.filter(
        alliance=referral.alliance_id, state=AllianceMember.State.MEMBER,
        organisation=OuterRef("pk"),
    )  # fmt: skip
    return own_institutions(actor).filter(Exists(members)).exclude(pk=referral.publisher_id)


def claims_shown(referral: Referral, actor: Actor) -> QuerySet[ReferralClaim]:
    """All of them to the publisher's people who read its case, the own ones to a claimant."""
    rows = referral.claims.select_related("organisation")
    if reads(actor, referral.publisher_id, referral.case_id):
        return rows
    return rows.filter(organisation_id__in=sorted(actor.ids_with(*CASE_ROLES)))


def with_names(queryset: QuerySet[Referral]) -> QuerySet[Referral]:
    return queryset.select_related(
        "alliance", "publisher", "carrier", "listing", "case", "carried_case"
    )


def board(actor: Actor, which: str) -> QuerySet[Referral]:
    """which: "open" (what can be claimed or is being claimed), "carried", "ours" (whatever the
    actor's institutions published, claimed or carry on, in every state)."""
    ids = sorted(actor.ids_with(*CASE_ROLES))
    rows = visible_to(actor)
    if which == "ours":
        claimed = ReferralClaim.objects.filter(referral=OuterRef("pk"), organisation_id__in=ids)
        rows = rows.filter(Q(publisher_id__in=ids) | Q(carrier_id__in=ids) | Exists(claimed))
    elif which == "carried":
        rows = rows.filter(state=states.CARRIED)
    else:
        rows = rows.filter(state__in=[states.OPEN, states.CLAIMED])
    return rows.order_by("-id")


def counted(actor: Actor) -> dict[str, int]:
    """How many stand in each part of the board, in one query."""
    ids = sorted(actor.ids_with(*CASE_ROLES))
    claimed = ReferralClaim.objects.filter(referral=OuterRef("pk"), organisation_id__in=ids)
    ours = Q(publisher_id__in=ids) | Q(carrier_id__in=ids) | Q(Exists(claimed))
    return visible_to(actor).aggregate(
        open=Count("pk", filter=Q(state__in=[states.OPEN, states.CLAIMED])),
        carried=Count("pk", filter=Q(state=states.CARRIED)),
        ours=Count("pk", filter=ours),
    )  # fmt: skip


def agreement_in_force(referral: Referral) -> ReferralAgreement | None:
    """The newest one that both sides accepted."""
    return referral.agreements.filter(
        referring_at__isnull=False, closing_at__isnull=False
    ).first()  # fmt: skip


def proposed(referral: Referral) -> ReferralAgreement | None:
    """One that waits for the other side."""
    return referral.agreements.filter(
        Q(referring_at__isnull=True) | Q(closing_at__isnull=True)
    ).first()  # fmt: skip


def of_case(case: Case) -> list[Referral]:
    """Referrals that a case was offered by or came from, newest first."""
    rows = Referral.objects.filter(Q(case=case) | Q(carried_case=case))
    return list(rows.select_related("alliance", "publisher", "carrier").order_by("-id"))


def shared_by(case: Case) -> Referral | None:
    """The referral whose split holds for a fee of this case: it was given to a member, and not
    taken back."""
    return Referral.objects.filter(
        Q(carried_case=case) | Q(case=case), carried_case__isnull=False,
        state__in=[states.CARRIED, states.ENDED],
    ).select_related("publisher", "carrier").order_by("-id").first()  # fmt: skip


def open_of(alliance_id: int, organisation_id: int) -> list[str]:
    """Public ids of what an institution has on the board of an alliance, or carries on there."""
    rows = Referral.objects.filter(
        Q(publisher_id=organisation_id) | Q(carrier_id=organisation_id),
        alliance_id=alliance_id, state__in=sorted(states.ON_THE_BOARD),
    )  # fmt: skip
    return list(rows.order_by("id").values_list("public_id", flat=True))
