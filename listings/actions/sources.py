"""What operators do with sources: add, change, switch on, pause, run now, remove.

Nothing is called before an operator has entered an address and switched the source on.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import sealing
from events.actions import record
from listings import event_kinds
from listings.actions.harvesting import SEAL
from listings.models import HarvestSource
from listings.queries.sources import visible_to
from marketplace.core.actor import Actor
from marketplace.core.codes import FIELDS
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale, field_error
from marketplace.core.forms import invalid_from
from marketplace.core.gates import lock
from marketplace.core.jobs import enqueue

# Entries are known again by the name and the kind of listing, so these stay.
FIXED = ("name", "kind", "listing_kind")
CHANGEABLE = (
    "address", "selection", "owner", "default_field", "field_codes", "withdraws_deleted",
    "every_hours",
)  # fmt: skip
# With one of these changed, entries that were read before would be read otherwise.
_READ_ANEW = frozenset({"address", "selection", "owner", "default_field", "field_codes"})
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
MAX_FIELD_CODES = 300


@transaction.atomic
def add_source(*, actor: Actor, facts: Mapping[str, Any]) -> HarvestSource:
    """A new source, switched off. facts: FIXED, CHANGEABLE and `key`; owner is an Organisation."""
    _check(actor)
    source = HarvestSource()
    _apply(source, facts, (*FIXED, *CHANGEABLE))
    source.save()
    _record(event_kinds.SOURCE_ADDED, source, actor, format=source.kind)
    return source


@transaction.atomic
def change_source(
    *, actor: Actor, source_id: int, facts: Mapping[str, Any], expected_version: int | None = None
) -> HarvestSource:
    """Change what is in CHANGEABLE, and the key: None or absent keeps it, "" removes it.

    Raises Invalid for what is fixed, and Stale.
    """
    source = _locked(source_id, actor)
    if expected_version is not None and expected_version != source.version:
        raise Stale(
            "stale_version",
            _("It was changed after you read it. Read it again, then repeat your change."),
        )
    for name in FIXED:
        if name in facts and facts[name] != getattr(source, name):
            raise field_error(
                name, _("This cannot be changed: entries are known again by it. Add a new source.")
            )
    before = {name: getattr(source, name) for name in CHANGEABLE}
    _apply(source, facts, CHANGEABLE)
    changed = [name for name in CHANGEABLE if before[name] != getattr(source, name)]
    if facts.get("key") is not None:
        changed.append("key")
    if _READ_ANEW & set(changed):
        source.kept, source.run = {}, {}
    if changed:
        source.failures = 0
        _touch(source)
        _record(event_kinds.SOURCE_CHANGED, source, actor, fields=changed)
    return source


@transaction.atomic
def switch_on(*, actor: Actor, source_id: int) -> HarvestSource:
    """Read it from now on, first at once."""
    source = _locked(source_id, actor)
    if not source.is_on:
        source.is_on, source.failures = True, 0
        source.next_run_at = timezone.now()
        source.trouble = source.trouble_detail = ""
        _touch(source)
        _record(event_kinds.SOURCE_ON, source, actor)
        _ask(source)
    return source


@transaction.atomic
def pause(*, actor: Actor, source_id: int) -> HarvestSource:
    """Call it no more; the place in its list is kept. A page that is being read is not stored."""
    source = _locked(source_id, actor)
    if source.is_on:
        source.is_on, source.next_run_at = False, None
        _touch(source)
        _record(event_kinds.SOURCE_PAUSED, source, actor)
    return source


@transaction.atomic
def run_now(*, actor: Actor, source_id: int) -> HarvestSource:
    """Read it now instead of when it is due. Raises Conflict for one that is switched off."""
    source = _locked(source_id, actor)
    if not source.is_on:
        raise Conflict("source_off", _("The source is paused. Switch it on, then it is read."))
    source.next_run_at = timezone.now()
    source.save(update_fields=["next_run_at"])
    _record(event_kinds.SOURCE_ASKED, source, actor)
    _ask(source)
    return source


@transaction.atomic
def remove_source(*, actor: Actor, source_id: int) -> None:
    """Forget a source and its key; the listings that came from it stay. Raises Conflict for one
    that is on."""
    source = _locked(source_id, actor)
    if source.is_on:
        raise Conflict("source_on", _("The source is on. Pause it first."))
    _record(event_kinds.SOURCE_REMOVED, source, actor)
    source.delete()


# --- Shared steps ---------------------------------------------------------------------------------


def _check(actor: Actor) -> None:
    if not (actor.is_operator or actor.is_system):
        raise Refused("operators_only", _("Only operators of the platform may do this."))


def _locked(source_id: int, actor: Actor) -> HarvestSource:
    _check(actor)
    if not visible_to(actor).filter(pk=source_id).exists():
        raise NotFound
    return lock(visible_to(actor), source_id)


def _touch(source: HarvestSource) -> None:
    source.version += 1
    source.save()


def _ask(source: HarvestSource) -> None:
    enqueue("listings.harvest", {"source": source.pk}, key=str(source.pk))


def _record(event: str, source: HarvestSource, actor: Actor, **data: Any) -> None:
    record(
        event, actor=actor, obj=source, object_type="source", data=data,
        organisation_ids=[source.owner_id],
    )  # fmt: skip


def _apply(source: HarvestSource, facts: Mapping[str, Any], names: tuple[str, ...]) -> None:
    """Set and check; raises Invalid with every field that is wrong."""
    host = urlsplit(source.address).netloc.lower() if source.address else ""
    problems: dict[str, list[Any]] = {}
    for name in names:
        if name in facts:
            value = facts[name]
            setattr(source, name, value.strip() if isinstance(value, str) else value)
    if "field_codes" in facts:
        problems.update(_set_field_codes(source, facts["field_codes"]))
    try:
        source.full_clean(exclude=["owner", "key", "kept", "run", "counts", "report"])
    except ValidationError as error:
        for name, messages in invalid_from(error).fields.items():
            problems.setdefault(name, []).extend(messages)
    if facts.get("owner", source.owner_id) is None:
        problems.setdefault("owner", [_("Say for which organisation the listings are posted.")])
    elif not source.owner.is_verified:
        problems.setdefault("owner", [_("This organisation is not verified.")])
    if "address" not in problems:
        _set_key(source, facts.get("key"), host, problems)
    if problems:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=problems)


def _set_field_codes(source: HarvestSource, given: Any) -> dict[str, list[Any]]:
    if not isinstance(given, Mapping) or len(given) > MAX_FIELD_CODES:
        return {"field_codes": [_("Give at most 300 words, each with a field.")]}
    clean = {str(word).strip().lower(): str(code).strip() for word, code in given.items()}
    unknown = sorted(code for code in clean.values() if code not in FIELDS)
    if unknown:
        return {
            "field_codes": [
                _("Unknown field: %(codes)s. Known: %(known)s.")
                % {
                    "codes": ", ".join(unknown)[:200],
                    "known": ", ".join(code.code for code in FIELDS),
                }
            ]
        }
    if any(not word or len(word) > 100 for word in clean):
        return {"field_codes": [_("A word has 1 to 100 characters.")]}
    source.field_codes = clean
    return {}


def _set_key(
    source: HarvestSource, key: str | None, host: str, problems: dict[str, list[Any]]
) -> None:
    """Seal a given key. A key belongs to one host, and travels over https only."""
    parts = urlsplit(source.address)
    if parts.username or parts.password:
        problems["address"] = [_("Leave name and password out of the address.")]
        return
    if key is not None:
        key = key.strip()
        if not (key.isascii() and key.isprintable()) or len(key) > 300:
            problems["key"] = [_("A key has at most 300 letters, digits and signs.")]
            return
        source.key = sealing.seal(SEAL, key) if key else ""
    elif host and host != parts.netloc.lower():
        source.key = ""
    if source.key and parts.scheme != "https" and parts.hostname not in _THIS_MACHINE:
        problems["address"] = [_("With a key the address must begin with https://.")]
