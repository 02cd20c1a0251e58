"""What owners of an institution decide for it. Each step changes one section of the settings, under
the lock of its row, and leaves what stands as it is: terms, referrals, cases, rooms."""

import hashlib
import json
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from deals import event_kinds
from deals.actions.brokerage import set_prices
from deals.models import Binding, CaseReading, CentreNda, CentreSettings, Takers
from deals.models.centres import MAX_NDA
from deals.pipelines import pipeline
from deals.queries.cases import ids_of_people
from deals.queries.centres import is_owner, visible_to
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Invalid, NotFound, Refused, Stale, field_error
from marketplace.core.forms import invalid_from

HUNDREDTH = Decimal("0.01")


@transaction.atomic
def set_usual_prices(
    *, actor: Actor, organisation_id: int, facts: Mapping[str, Any],
    expected_version: int | None = None,
) -> CentreSettings:  # fmt: skip
    """What the terms form of a new case is filled with.

    facts: currency, tiers (rows of above and percent, Decimal; none: no usual prices), minimum and
    cap (Decimal or None), due, costs_cap. Raises NotFound for outsiders, Refused for who is no
    owner, Invalid, Stale.
    """
    row = _locked(actor, organisation_id, expected_version)
    if facts.get("tiers"):
        set_prices(row, facts, {})
    elif any(facts.get(name) for name in ("minimum", "cap", "costs_cap")):
        raise field_error("tiers", _("Give between 1 and 10 tiers."))
    else:
        row.tiers, row.minimum, row.cap, row.costs_cap = [], None, None, Decimal(0)
        row.currency = str(facts.get("currency") or "CNY")
    try:
        row.clean_fields(exclude=["organisation", "tiers", "nda"])
    except ValidationError as error:
        raise invalid_from(error) from None
    return _kept(row, actor, "prices")


@transaction.atomic
def set_usual_split(
    *, actor: Actor, organisation_id: int, referring_percent: Decimal | None,
    expected_version: int | None = None,
) -> CentreSettings:  # fmt: skip
    """The institution's own part of the fee, in percent, where it refers a case to an alliance that
    has no usual terms; None: as the platform proposes. Raises as set_usual_prices."""
    row = _locked(actor, organisation_id, expected_version)
    if referring_percent is not None:
        fits = (
            isinstance(referring_percent, Decimal)
            and referring_percent.is_finite()
            and 0 <= referring_percent <= 100
        )
        if not fits:
            raise field_error("referring_percent", _("Give a percentage from 0 to 100."))
        if referring_percent != referring_percent.quantize(HUNDREDTH):
            raise field_error("referring_percent", _("At most two decimals."))
    row.referring_percent = referring_percent
    return _kept(row, actor, "split")


@transaction.atomic
def set_people(
    *, actor: Actor, organisation_id: int, takers: str, people: Collection[int] = (),
    pipeline_code: str = "", reading: str = CaseReading.ALL.value,
    expected_version: int | None = None,
) -> CentreSettings:  # fmt: skip
    """Who may take cases (takers; people: users' ids, for "named"), with which pipeline they begin
    ("": the platform's) and who reads them. Cases that are there stay with whom they are.

    Raises as set_usual_prices; Invalid on `people` for nobody, or who is no owner or broker.
    """
    row = _locked(actor, organisation_id, expected_version)
    if takers not in Takers.values:
        raise field_error("takers", _("Choose who may take cases."), code="unknown_code")
    if reading not in CaseReading.values:
        raise field_error("reading", _("Choose who reads the cases."), code="unknown_code")
    if pipeline_code and pipeline(pipeline_code) is None:
        raise field_error("pipeline", _("There is no such pipeline."), code="unknown_code")
    chosen = set(people) if takers == Takers.NAMED else set()
    if takers == Takers.NAMED and not chosen:
        raise field_error("people", _("Name at least one person."), code="required")
    if chosen - ids_of_people(organisation_id):
        raise field_error(
            "people", _("Name owners and brokers of the institution only."), code="not_a_broker"
        )
    row.takers, row.pipeline, row.reading = takers, pipeline_code, reading
    row.people.set(chosen)
    return _kept(row, actor, "people")


@transaction.atomic
def write_nda(
    *, actor: Actor, organisation_id: int, texts: Mapping[str, str],
    expected_version: int | None = None,
) -> CentreNda:  # fmt: skip
    """Write the institution's own agreement as a new version, for rooms opened from now on; rooms
    that are there keep theirs. The text that is asked for now makes no new version.

    texts: title_en, title_zh, text_en, text_zh, binding (a code of Binding). Raises as
    set_usual_prices; Invalid for an empty text, and for one language alone that is not binding.
    """
    row = _locked(actor, organisation_id, expected_version)
    given = _checked_texts(texts)
    if row.nda is not None and row.nda.digest == given["digest"]:
        return row.nda
    last = CentreNda.objects.filter(organisation=organisation_id).aggregate(last=Max("number"))
    made = CentreNda.objects.create(
        organisation_id=organisation_id, number=(last["last"] or 0) + 1,
        written_by_id=actor.user_id, **given,
    )  # fmt: skip
    row.nda = made
    _kept(row, actor, "nda", nda=made.version, digest=made.digest)
    return made


@transaction.atomic
def use_platform_nda(
    *, actor: Actor, organisation_id: int, expected_version: int | None = None
) -> CentreSettings:
    """Ask for the platform's text again, in rooms opened from now on. Raises as
    set_usual_prices."""
    row = _locked(actor, organisation_id, expected_version)
    if row.nda is None:
        return row
    row.nda = None
    return _kept(row, actor, "nda", nda="")


# --- Pieces --------------------------------------------------------------------------------------


def _locked(actor: Actor, organisation_id: int, expected_version: int | None) -> CentreSettings:
    """The row, made where there is none, locked until the transaction ends."""
    if not visible_to(actor).filter(pk=organisation_id).exists():
        raise NotFound
    if not is_owner(actor, organisation_id):
        raise Refused(
            "owners_only",
            _("Owners of the institution decide on this. Ask one of them to change it."),
        )
    CentreSettings.objects.get_or_create(organisation_id=organisation_id)
    row = CentreSettings.objects.select_for_update(of=("self",)).get(
        organisation_id=organisation_id
    )
    if expected_version is not None and expected_version != row.version:
        raise Stale(
            "stale_version",
            _("The settings have changed since you opened them. Look at them again, then repeat."),
        )
    return row


def _kept(row: CentreSettings, actor: Actor, section: str, **data: Any) -> CentreSettings:
    """Store, raise the version and write the event. data: ids and codes, no prices: events are read
    by more people than settings are."""
    row.version += 1
    row.save()
    record(
        event_kinds.CENTRE_CHANGED, actor=actor, obj=row.organisation,
        organisation_ids=[row.organisation_id],
        data={"section": section, "version": row.version, **data},
    )  # fmt: skip
    return row


def _checked_texts(texts: Mapping[str, str]) -> dict[str, str]:
    wrong: dict[str, list[Any]] = {}
    found: dict[str, str] = {}
    for name, most in (
        ("title_zh", 160), ("title_en", 160), ("text_zh", MAX_NDA), ("text_en", MAX_NDA),
    ):  # fmt: skip
        try:
            found[name] = clean_text(str(texts.get(name) or ""))
        except ValidationError as error:
            wrong[name] = list(error.messages)
            continue
        if len(found[name]) > most:
            wrong[name] = [_("At most %(limit)s characters.") % {"limit": most}]
        elif name.startswith("title") and "\n" in found[name]:
            wrong[name] = [_("One line.")]
    binding = str(texts.get("binding") or "")
    if binding not in Binding.values:
        wrong["binding"] = [_("Say which text is binding.")]
    if wrong:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=wrong)
    written = [one for one in ("zh", "en") if found[f"text_{one}"]]
    if binding == Binding.BOTH and len(written) == 1:
        [binding] = written  # there is no other that could be as valid
    needed = ("zh", "en") if binding == Binding.BOTH else (binding,)
    for language in needed:
        if not found[f"text_{language}"]:
            wrong[f"text_{language}"] = [
                _("Write the text in both languages, or say which one is binding.")
                if binding == Binding.BOTH
                else _("This text is to be binding: write it.")
            ]
    for language in ("zh", "en"):
        if found[f"text_{language}"] and not found[f"title_{language}"]:
            wrong[f"title_{language}"] = [_("Give the text a title.")]
        if found[f"title_{language}"] and not found[f"text_{language}"]:
            wrong.setdefault(f"text_{language}", [_("There is a title, but no text to it.")])
    if wrong:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=wrong)
    return {**found, "binding": binding, "digest": nda_digest({**found, "binding": binding})}


def nda_digest(texts: Mapping[str, str]) -> str:
    """SHA-256, in hexadecimal, of titles, texts and which is binding as a JSON array: words of one
    field can never pass for those of another, as they could with line ends between."""
    names = ("title_en", "text_en", "title_zh", "text_zh", "binding")
    whole = json.dumps([texts[name] for name in names], ensure_ascii=False)
    return hashlib.sha256(whole.encode()).hexdigest()
