"""Load an edition of a catalogue: by an operator's page, the API or `manage.py load_catalogue`."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts import event_kinds
from contracts.actions.screening import DUE_JOB
from contracts.models import Catalogue, CatalogueEntry
from contracts.screening.reading import Document, Faults, read
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.errors import Refused
from marketplace.core.jobs import enqueue


@dataclass(frozen=True)
class Loaded:
    """catalogue: the edition that says this now, None after a mere look. ended: the edition that
    it ends or replaces."""

    document: Document
    catalogue: Catalogue | None
    is_new: bool
    ended: Catalogue | None


def load_catalogue(
    *, actor: Actor, content: bytes, is_csv: bool, only_check: bool = False
) -> Loaded:
    """Store an edition whole, or not at all; what is stored already changes nothing.

    An edition that begins later ends the one before it on the day before; one that begins on the
    same day takes its place. Neither is deleted: decisions name their entries. Contracts that are
    not decided yet are screened anew by a job. only_check: looks and stores nothing.

    Raises Faults with every fault by its line, Refused for others than operators.
    """
    if not (actor.is_operator or actor.is_system):
        raise Refused("operators_only", gettext_lazy("Only operators of the platform may do this."))
    document = read(content, is_csv=is_csv)
    with transaction.atomic():
        with connection.cursor() as cursor:  # two editions never meet
            table = connection.ops.quote_name(Catalogue._meta.db_table)
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        facts = document.facts
        same = Catalogue.objects.filter(
            code=facts["code"], sha256=document.sha256, replaced_at__isnull=True
        ).first()
        if same is not None:
            return Loaded(document, same, is_new=False, ended=None)
        ended = _make_room(document, only_check=only_check)
        if only_check:
            return Loaded(document, None, is_new=True, ended=ended)
        made = Catalogue.objects.create(**facts, sha256=document.sha256)
        CatalogueEntry.objects.bulk_create(
            [
                CatalogueEntry(catalogue=made, position=place, **row)
                for place, row in enumerate(document.entries, 1)
            ],
            batch_size=500,
        )
        record(
            event_kinds.CATALOGUE_LOADED, actor=actor, object_type="catalogue",
            object_id=made.public_id,
            data={"code": made.code, "valid_from": str(made.valid_from),
                  "entries": len(document.entries)},
        )  # fmt: skip
        enqueue(DUE_JOB, {}, key="loaded")
    return Loaded(document, made, is_new=True, ended=ended)


def _make_room(document: Document, *, only_check: bool) -> Catalogue | None:
    """End or replace the edition that this one follows; returns it. Raises Faults."""
    facts = document.facts
    first, last = facts["valid_from"], facts["valid_to"]
    live = Catalogue.objects.filter(code=facts["code"], replaced_at__isnull=True)
    other = live.exclude(direction=facts["direction"]).first()
    if other is not None:
        raise Faults([_("direction: editions of %(code)s are of another direction. Give this one "
                        "another code.") % {"code": facts["code"]}])  # fmt: skip
    later = live.filter(valid_from__gt=first).order_by("valid_from").first()
    if later is not None and (last is None or last >= later.valid_from):
        raise Faults([_("valid_to: an edition that begins on %(day)s is there already, so this one "
                        "must end before.") % {"day": later.valid_from}])  # fmt: skip
    before = (
        live.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=first), valid_from__lte=first)
        .order_by("-valid_from")
        .first()
    )
    if before is not None and not only_check:
        if before.valid_from == first:
            before.replaced_at = timezone.now()
        else:
            before.valid_to = first - dt.timedelta(days=1)
        before.save(update_fields=["replaced_at", "valid_to"])
    return before
