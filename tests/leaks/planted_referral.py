"""Cases that an institution offers to its alliance, and what is paid for one, full of secrets."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.leaks.planted import Planted

INTERNAL = frozenset({"broker"})
MEMBERS = INTERNAL | {"member", "member2"}  # of the alliance; these two are no one of the cast


def plant_referrals(world: Planted) -> None:
    """The broker's institution offers one case to its alliance, and has one carried on by another
    member: what the board says is the alliance's, what the case says is its own."""
    from deals.actions.case_parts import add_client, write_note
    from deals.actions.commissions import approve_statement, draft_statement
    from deals.models import Case
    from tests.deals.alliance import factories, fees
    from tests.deals.cases.factories import opened

    cast, s = world.cast, world.secret
    group = factories.allied(cast)
    for user, name in ((group.second_user, "member"), (group.third_user, "member2")):
        user.email = f"{name}@cast.example"
        user.save()
    case = opened(cast)
    one = {"actor": cast.broker.actor, "case_id": case.pk}
    add_client(**one, name=s("client of a case", "Gannetwick Foundry", INTERNAL))
    write_note(**one, body=s("note of a case", "Skuafield wants out of its lease", INTERNAL))
    case.refresh_from_db()
    offered = factories.published(
        cast, group, case, title=s("referral title", "Petrelstone coating wanted", MEMBERS),
        words=s("referral words", "For the kilns of Fulmarsand", MEMBERS),
    )  # fmt: skip
    carried = factories.carried(cast, group)
    theirs = Case.objects.get(pk=carried.carried_case_id)
    mine = group.second_broker
    fees.agreed(mine, theirs, client=s("client of a fee", "Turnstonery Ltd", frozenset()))
    write_note(actor=mine, case_id=theirs.pk, body=s("their note", "Razorbillow", frozenset()))
    draft = draft_statement(
        actor=mine, case_id=theirs.pk,
        facts={"costs": Decimal("161.57"), "costs_for": s("costs", "Dovekiely trip", INTERNAL)},
    )  # fmt: skip
    approve_statement(actor=fees.second_owner(group.second), statement_id=draft.pk)
    for made in (offered, carried):
        world.id("referral", made.public_id)
    world.id("commission", draft.public_id)
    world.id("case", case.public_id)
