"""Begin a valuation, save inputs, simulate, make final, copy."""

import datetime as dt
import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deals import event_kinds
from deals.models import (
    Introduction,
    Simulation,
    Valuation,
    ValuationInputs,
    ValuationState,
)
from deals.models.valuations import MAX_NOTE
from deals.queries.valuations import newest_inputs, read_all, visible_to
from deals.queries.visibility import visible_to as introductions_visible_to
from deals.rules import MAX_INPUT_VERSIONS, MAX_VALUATIONS, PARTY_ROLES
from deals.valuation import NoValue, monte_carlo
from deals.valuing import computing
from deals.valuing.approaches import APPROACHES, MAX_AMOUNT
from deals.valuing.reading import read
from deals.valuing.words import PROBLEMS
from events.actions import record
from listings.models import Listing
from listings.queries.visibility import visible_to as listings_visible_to
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.codes import CURRENCIES
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale, field_error
from marketplace.core.forms import invalid_from
from marketplace.core.gates import get_visible, lock
from marketplace.core.jobs import enqueue

SIMULATE = "deals.simulate_valuation"
MOST_SEED = 2**31 - 1


@transaction.atomic
def begin_valuation(
    *,
    actor: Actor,
    organisation_id: int,
    title: str,
    currency: str = "CNY",
    valued_on: dt.date | None = None,
    listing: str = "",
    introduction: str = "",
) -> Valuation:
    """Start a draft for an organisation of the actor's. listing, introduction: public ids of what
    the actor sees. Raises Refused without a role there, Invalid with field messages, NotFound."""
    if not actor.can(organisation_id, *PARTY_ROLES):
        raise Refused(
            "role_missing",
            _("Only editors, brokers and owners of an organisation value technologies for it."),
        )
    _refuse_too_many(organisation_id)
    if currency not in CURRENCIES:
        raise field_error("currency", _("Choose one of the list."))
    made = Valuation(
        organisation_id=organisation_id, title=_text("title", title), currency=currency,
        made_by_id=actor.user_id, listing=_listing(actor, listing),
        introduction=_introduction(actor, introduction),
    )  # fmt: skip
    if valued_on is not None:
        made.valued_on = valued_on
    try:
        made.full_clean(
            exclude=[
                "organisation",
                "listing",
                "introduction",
                "made_by",
                "finalised_by",
                "copied_from",
                "public_id",
            ],
            validate_constraints=False,
        )
    except ValidationError as error:
        raise invalid_from(error) from None
    made.save()
    _record(event_kinds.VALUATION_BEGUN, actor, made, after={"state": made.state})
    return made


@transaction.atomic
def save_inputs(
    *,
    actor: Actor,
    valuation_id: int,
    approach: str,
    inputs: Any,
    note: str = "",
    expected_version: int | None = None,
    expected_number: int | None = None,
) -> ValuationInputs:
    """Read the inputs of an approach, compute, and keep both as a new version. The same inputs
    again make none. note: why they changed. expected_number: of the version of this approach that
    the change began from, 0 for none.

    Raises Invalid with `inputs.<path>` messages or where the formula has no answer, Stale where
    somebody else saved meanwhile.
    """
    if approach not in APPROACHES:
        raise field_error("approach", _("Choose one of the list."), code="unknown_code")
    valuation = _locked(actor, valuation_id, expected_version)
    found = read(APPROACHES[approach], inputs)
    words = _text("note", note, blank=True, limit=MAX_NOTE)
    before = newest_inputs(valuation, approach)
    if before is not None and before.inputs == found:
        return before
    if expected_number is not None and expected_number != (before.number if before else 0):
        raise Stale(
            "stale_version",
            _("Somebody saved other inputs of this approach since you opened it. Yours are still "
              "here: save again to put them above, or go back to look at the others."),
        )  # fmt: skip
    outcome = computing.compute(approach, found)
    return _add_version(actor, valuation, approach, found, outcome, words)


@transaction.atomic
def remove_approach(
    *, actor: Actor, valuation_id: int, approach: str, note: str = "",
    expected_version: int | None = None,
) -> Valuation:  # fmt: skip
    """Take an approach off; its versions stay in the history. Nothing happens without it."""
    valuation = _locked(actor, valuation_id, expected_version)
    if newest_inputs(valuation, approach) is not None:
        words = _text("note", note, blank=True, limit=MAX_NOTE)
        _add_version(actor, valuation, approach, None, None, words)
    return valuation


@transaction.atomic
def ask_for_simulation(
    *, actor: Actor, valuation_id: int, approach: str, draws: int = 10_000,
    seed: int | None = None,
) -> Simulation:  # fmt: skip
    """Ask for a Monte Carlo run over the present inputs of an approach; a job does it. The same
    seed and draws over the same inputs are not run twice. Without a seed one is chosen and kept.
    """
    valuation = _locked(actor, valuation_id, None)
    row = newest_inputs(valuation, approach)
    if row is None or row.inputs is None:
        raise field_error("approach", _("Save inputs of this approach first."))
    if not monte_carlo.LEAST <= draws <= monte_carlo.MOST:
        raise field_error(
            "draws",
            _("Take %(least)s to %(most)s draws.")
            % {"least": f"{monte_carlo.LEAST:,}", "most": f"{monte_carlo.MOST:,}"},
        )
    if seed is not None and not 0 <= seed <= MOST_SEED:
        raise field_error("seed", _("The seed is a whole number from 0 to 2147483647."))
    problem = computing.refusal_to_simulate(approach, row.inputs, draws)
    if problem:
        raise Invalid(problem, PROBLEMS[problem], fields={"draws": [PROBLEMS[problem]]})
    chosen = secrets.randbelow(MOST_SEED) if seed is None else seed
    last = row.simulations.order_by("-id").first()
    if last is not None and (last.is_waiting or (last.seed, last.draws) == (chosen, draws)):
        return last
    made = Simulation.objects.create(inputs=row, seed=chosen, draws=draws)
    enqueue(SIMULATE, {"simulation": made.pk}, key=str(made.pk))
    return made


def run_simulation(simulation_id: int) -> None:
    """Work one out and store it; a second run of the job changes nothing."""
    waiting = (
        Simulation.objects.select_related("inputs").filter(pk=simulation_id, done_at=None).first()
    )
    if waiting is None:
        return
    row, result, problem = waiting.inputs, None, ""
    assert row.inputs is not None
    try:
        result = computing.simulate(
            row.approach, row.inputs, seed=waiting.seed, draws=waiting.draws
        )
    except NoValue as error:
        problem = error.code
    with transaction.atomic():
        valuation = lock(Valuation.objects.all(), row.valuation_id)
        done = Simulation.objects.filter(pk=simulation_id, done_at=None).update(
            result=result, problem=problem, done_at=timezone.now()
        )
        if done:
            _record(
                event_kinds.VALUATION_SIMULATED, Actor.system(), valuation,
                data={"approach": row.approach, "draws": waiting.draws},
            )  # fmt: skip


@transaction.atomic
def finalise(
    *,
    actor: Actor,
    valuation_id: int,
    low: Decimal | None,
    base: Decimal | None,
    high: Decimal | None,
    conclusion: str = "",
    expected_version: int | None = None,
) -> Valuation:
    """State the value and freeze everything. Raises Invalid unless low <= base <= high, Conflict
    without an approach or while a simulation runs."""
    valuation = _locked(actor, valuation_id, expected_version)
    reading = read_all(valuation)
    if not reading.current:
        raise Conflict("no_approach", _("Value it by at least one approach first."))
    if reading.is_computing:
        raise Conflict("computing", _("A simulation is under way. Make it final when it is done."))
    valuation.low, valuation.base, valuation.high = _span(low, base, high)
    valuation.conclusion = _text("conclusion", conclusion, blank=True, limit=4000)
    valuation.state = ValuationState.FINAL
    valuation.finalised_by_id = actor.user_id
    valuation.finalised_at = timezone.now()
    valuation.version += 1
    valuation.save()
    _record(
        event_kinds.VALUATION_FINALISED, actor, valuation,
        before={"state": "draft"}, after={"state": "final"},
    )  # fmt: skip
    return valuation


@transaction.atomic
def copy_valuation(*, actor: Actor, valuation_id: int) -> Valuation:
    """A new draft with the inputs of a valuation, as its next edition; the old one stays."""
    old = get_visible(visible_to(actor), pk=valuation_id)
    _refuse_too_many(old.organisation_id)
    made = Valuation.objects.create(
        organisation_id=old.organisation_id, listing_id=old.listing_id,
        introduction_id=old.introduction_id, title=old.title, currency=old.currency,
        edition=old.edition + 1, copied_from=old, made_by_id=actor.user_id,
    )  # fmt: skip
    for version in read_all(old).current:
        row = version.row
        ValuationInputs.objects.create(
            valuation=made, approach=row.approach, number=1, inputs=row.inputs,
            outcome=row.outcome, note=row.note, made_by_id=actor.user_id,
        )  # fmt: skip
    _record(
        event_kinds.VALUATION_BEGUN, actor, made, after={"state": made.state},
        data={"copied_from": old.public_id, "edition": made.edition},
    )  # fmt: skip
    return made


# --- Inside --------------------------------------------------------------------------------------


def _refuse_too_many(organisation_id: int) -> None:
    drafts = Valuation.objects.filter(organisation_id=organisation_id, state=ValuationState.DRAFT)
    if drafts.count() >= MAX_VALUATIONS:
        raise Conflict(
            "too_many_drafts",
            _("Your organisation has as many drafts as it may. Make some of them final first."),
        )


def _locked(actor: Actor, valuation_id: int, expected_version: int | None) -> Valuation:
    """The row under lock, still a draft. Raises NotFound, Stale, Conflict."""
    get_visible(visible_to(actor), pk=valuation_id)
    valuation = lock(Valuation.objects.all(), valuation_id)
    if expected_version is not None and expected_version != valuation.version:
        raise Stale(
            "stale_version",
            _("The valuation has changed since you opened it. Reload it, then try again."),
        )
    if valuation.is_final:
        raise Conflict(
            "final", _("This valuation is final. Make a new version, and change that one.")
        )
    return valuation


def _add_version(
    actor: Actor, valuation: Valuation, approach: str, inputs: Mapping[str, Any] | None,
    outcome: Mapping[str, Any] | None, note: str,
) -> ValuationInputs:  # fmt: skip
    last = valuation.versions.filter(approach=approach).order_by("-number").first()
    if valuation.versions.count() >= MAX_INPUT_VERSIONS:
        raise Conflict(
            "too_many_versions", _("It has as many versions as it may. Make a new version of it.")
        )
    row = ValuationInputs.objects.create(
        valuation=valuation, approach=approach, number=last.number + 1 if last else 1,
        inputs=inputs, outcome=outcome, note=note, made_by_id=actor.user_id,
    )  # fmt: skip
    valuation.version += 1
    valuation.save(update_fields=["version", "updated_at"])
    _record(
        event_kinds.VALUATION_COMPUTED, actor, valuation,
        data={"approach": approach, "number": row.number},
    )  # fmt: skip
    return row


def _record(kind: str, actor: Actor, valuation: Valuation, **facts: Any) -> None:
    record(kind, actor=actor, obj=valuation, organisation_ids=[valuation.organisation_id], **facts)


def _text(name: str, value: str, *, blank: bool = False, limit: int = 160) -> str:
    try:
        text = clean_text(str(value or ""))
    except ValidationError as error:
        raise Invalid("invalid", error.messages[0], fields={name: error.messages}) from None
    if not text and not blank:
        raise field_error(name, _("This must not be empty."))
    if len(text) > limit:
        raise field_error(name, _("At most %(limit)s characters.") % {"limit": limit})
    return text


def _listing(actor: Actor, public_id: str) -> Listing | None:
    if not public_id:
        return None
    try:
        return get_visible(
            listings_visible_to(actor).filter(kind="technology"), public_id=public_id[:10]
        )
    except NotFound:
        raise field_error("listing", _("There is no such technology that you can see.")) from None


def _introduction(actor: Actor, public_id: str) -> Introduction | None:
    if not public_id:
        return None
    try:
        return get_visible(introductions_visible_to(actor), public_id=public_id[:10])
    except NotFound:
        raise field_error(
            "introduction", _("There is no such introduction that you take part in.")
        ) from None


def _span(
    low: Decimal | None, base: Decimal | None, high: Decimal | None
) -> tuple[Decimal, Decimal, Decimal]:
    if base is None:
        raise field_error("base", _("State the value."))
    low, high = (base if low is None else low), (base if high is None else high)
    for name, amount in (("base", base), ("low", low), ("high", high)):
        if not amount.is_finite() or abs(amount) > MAX_AMOUNT:
            raise field_error(name, _("This is no amount of money."))
    if low > base:
        raise field_error("low", _("Low must not be above base."))
    if high < base:
        raise field_error("high", _("High must not be below base."))
    cent = computing.CENT
    return low.quantize(cent), base.quantize(cent), high.quantize(cent)
