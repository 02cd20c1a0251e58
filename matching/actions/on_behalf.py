"""What it takes to answer for a client, and telling the client."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.models import Organisation
from events.actions import notify
from listings.actions.access import people_of
from listings.actions.lifecycle import title_params
from marketplace.core.actor import Actor
from marketplace.core.errors import Refused, field_error
from matching import notices
from matching.actions.mandates import names
from matching.actions.telling import LANGUAGES
from matching.models import Answer, Mandate, Match
from matching.queries.mandates import mandated_sides
from matching.queries.sides import listing_of, owner_id_of
from matching.queries.visibility import client_ids, tti_ids


def mandated(match: Match, actor: Actor, wanted: str = "") -> tuple[str, Organisation]:
    """The side that the actor may answer for as a broker, and the institution it does so for.

    The mandate is locked: one that is withdrawn at this moment is not used. Raises Refused
    `brokers_only` or `no_mandate`, Invalid on `side` when both sides are clients and none is named.
    """
    institutions = tti_ids(actor)
    if not institutions:
        raise Refused(
            "brokers_only",
            _("Only technology brokers of a verified transfer institution answer for others."),
        )
    held = mandated_sides(match, client_ids(institutions))
    if not wanted and len(held) > 1:
        raise field_error("side", _("Both sides are your clients. Say for which one."))
    side = wanted or (held[0] if held else "")
    # Nobody brokers for itself: an institution that owns the other side answers for that alone.
    institutions -= {match.need_owner_id, match.technology_owner_id}
    mandate = None
    if side in held:
        mandate = (
            Mandate.objects.select_for_update(of=("self",))
            .select_related("institution")
            .filter(
                organisation_id=owner_id_of(match, side),
                institution_id__in=sorted(institutions),
                withdrawn_at__isnull=True,
            )
            .order_by("pk")
            .first()
        )
    if mandate is None:
        raise Refused(
            "no_mandate",
            _("Nobody has allowed your institution to answer for this side. An owner of the "
              "organisation can, on its page under “Answering for us”."),
        )  # fmt: skip
    return side, mandate.institution


def tell_of_answer_for(match: Match, side: str, institution: Organisation) -> None:
    """In the answer's transaction: tell the client what was answered for it."""
    own = listing_of(match, side)
    params = {**title_params(own), **names(institution, "institution")}
    for suffix, language in LANGUAGES.items():
        with override(language):
            params[f"answer_{suffix}"] = str(Answer(match.answer_of(side)).label)
    notify(
        people_of(own), notices.ANSWERED_FOR_YOU, url=f"/matches/{match.public_id}/",
        params=params, key=f"{match.pk}-{side}-{match.version}",
    )  # fmt: skip
