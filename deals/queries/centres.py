"""Settings of an institution, and whom they let work with its cases."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.queries.people import qualified_ids
from deals import case_states as states
from deals.models import Case, CentreSettings, Takers
from deals.pipelines import all_pipelines
from deals.queries.cases import people_of
from deals.rules import CASE_ROLES
from marketplace.core.actor import Actor
from marketplace.core.errors import Message

FIRST_PIPELINE = "need_brokerage"  # where an institution has chosen none


def visible_to(actor: Actor) -> QuerySet[Organisation]:
    """Institutions whose settings the actor reads: its owners, brokers and editors."""
    found = Organisation.objects.filter(kind="tti")
    if actor.is_system:
        return found
    return found.filter(pk__in=sorted(actor.ids_with(*CASE_ROLES)))


def is_owner(actor: Actor, organisation_id: int) -> bool:
    """Whether the actor may change them."""
    return actor.is_system or "owner" in actor.roles.get(organisation_id, frozenset())


def settings_of(organisation_id: int) -> CentreSettings:
    """Those that are stored, or what holds without any (version 0, not stored)."""
    found = CentreSettings.objects.filter(organisation_id=organisation_id).first()
    return found or CentreSettings(organisation_id=organisation_id)


def first_pipeline(organisation_id: int) -> str:
    """With which pipeline a new case begins; a chosen one that is gone counts for nothing."""
    chosen = settings_of(organisation_id).pipeline
    return chosen if chosen in all_pipelines() else FIRST_PIPELINE


@dataclass(frozen=True, slots=True)
class Takings:
    """Whom an institution lets be responsible: `fits` of its owners and brokers (`others` are the
    rest of them), by `rule`."""

    rule: str
    fits: list[Any]
    others: list[Any]

    @property
    def ids(self) -> set[int]:
        return {one.pk for one in self.fits}

    def why_not(self, person: Any) -> Message:
        """A sentence on somebody who does not fit, with what to do."""
        given = {"name": str(person)}
        if self.rule == Takers.QUALIFIED:
            return (
                _(
                    "%(name)s has entered no broker certificate that is valid today, and your "
                    "institution gives cases only to who has one. Choose somebody else."
                )
                % given
            )
        if self.rule == Takers.NAMED:
            return (
                _(
                    "%(name)s is not among the people whom the owners of your institution let take "
                    "cases. Choose somebody else, or ask an owner."
                )
                % given
            )
        return _("Choose a broker of the institution. This person is none, or no longer.")

    @property
    def why_not_you(self) -> Message:
        """The same to whoever wants to take a case."""
        if self.rule == Takers.QUALIFIED:
            return _(
                "Your institution gives cases only to brokers whose certificate is valid today. "
                "Enter yours under “Broker certificates”, or let a colleague or an owner open it."
            )
        return _(
            "The owners of your institution have named who takes cases, and you are not among "
            "them. Let a colleague open it, or ask an owner."
        )

    @property
    def explanation(self) -> Message:
        """Why some colleagues cannot be chosen; "" where everybody can."""
        if not self.others:
            return ""
        names = ", ".join(str(one) for one in self.others)
        if self.rule == Takers.QUALIFIED:
            text = _("Not to be chosen, since no valid certificate is entered: %(names)s.")
        else:
            text = _("Not to be chosen, since the owners have named others: %(names)s.")
        return text % {"names": names}


def takings_of(organisation_id: int) -> Takings:
    """Two queries, or three."""
    people = people_of([organisation_id])[organisation_id]
    settings = settings_of(organisation_id)
    ids = {one.pk for one in people}
    if settings.takers == Takers.QUALIFIED:
        ids = qualified_ids(ids, timezone.localdate())
    elif settings.takers == Takers.NAMED:
        ids &= set(settings.people.values_list("pk", flat=True))
    return Takings(
        settings.takers,
        [one for one in people if one.pk in ids],
        [one for one in people if one.pk not in ids],
    )


def to_choose(actor: Actor, organisation_id: int) -> list[Any]:
    """Whom an actor who cannot be responsible itself, an editor say, may open a case for; nobody
    has to be chosen by who can."""
    takings = takings_of(organisation_id)
    return [] if actor.user_id in takings.ids else takings.fits


def person_named(organisation_id: int, public_id: str) -> int | None:
    """Key of an owner or broker there; None where none is named, 0 (nobody) for anybody else."""
    if not public_id:
        return None
    people = people_of([organisation_id])[organisation_id]
    return next((one.pk for one in people if one.public_id == public_id), 0)


def misfits_of(organisation_id: int) -> QuerySet[Case]:
    """Cases that are not closed and whose responsible person fits no longer, or that have none."""
    fits = sorted(takings_of(organisation_id).ids)
    return (
        Case.objects.filter(organisation_id=organisation_id)
        .exclude(state=states.CLOSED)
        .filter(Q(responsible__isnull=True) | ~Q(responsible__in=fits))
        .select_related("responsible")
        .order_by("-id")
    )
