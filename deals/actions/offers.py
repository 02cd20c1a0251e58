"""Offering an introduction to the institutions that stand beside one of its parties."""

from deals import notices
from deals.models import Introduction
from deals.queries.offers import institutions_for
from events.actions import notify
from listings.models.listings import Tier
from matching.actions.mandates import brokers_of


def offer(introduction: Introduction) -> None:
    """Tell the brokers of the clients' institutions, and of the one that proposed the pair, that
    they may take it up. In the opening's transaction; nothing for a confidential pair, which
    stands on no desk, nor for an institution that is a party itself."""
    need, technology = introduction.need, introduction.technology
    if Tier.CONFIDENTIAL in (need.visibility, technology.visibility):
        return
    parties = {introduction.need_party_id, introduction.technology_party_id}
    for institution in institutions_for(introduction):
        if institution.pk not in parties:
            notify(
                brokers_of(institution.pk), notices.OFFERED, url="/desk/",
                params={"title_en": need.title_en, "title_zh": need.title_zh},
                key=f"offered-{introduction.public_id}",
            )  # fmt: skip
