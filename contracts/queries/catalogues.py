"""Catalogues of controlled technologies: open to everybody who is signed in."""

import datetime as dt
from collections.abc import Collection

from django.db.models import Count, Q, QuerySet

from contracts.models import Catalogue, CatalogueEntry
from marketplace.core.actor import Actor


def visible_to(actor: Actor) -> QuerySet[Catalogue]:
    """All editions: law is for everybody, and a text is screened against it by members."""
    if not (actor.is_authenticated or actor.is_system):
        return Catalogue.objects.none()
    return Catalogue.objects.all()


def with_counts(queryset: QuerySet[Catalogue]) -> QuerySet[Catalogue]:
    """With `number_of_entries`."""
    return queryset.annotate(number_of_entries=Count("entries"))


def in_force(day: dt.date, directions: Collection[str]) -> QuerySet[Catalogue]:
    """Editions that hold on a day for what goes in one of the directions."""
    return Catalogue.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=day),
        valid_from__lte=day,
        replaced_at__isnull=True,
        direction__in=list(directions),
    ).order_by("id")


def find_entries(
    catalogue: Catalogue, text: str = "", kind: str = ""
) -> QuerySet[CatalogueEntry]:  # fmt: skip
    """Entries in their order; by part of code, name, control points or a whole term."""
    rows = catalogue.entries.all()
    if kind in CatalogueEntry.Kind.values:
        rows = rows.filter(kind=kind)
    text = text.strip()
    if text:
        found = Q(terms__contains=[text])
        for name in ("code", "name_en", "name_zh", "points_en", "points_zh"):
            found |= Q(**{f"{name}__icontains": text})
        rows = rows.filter(found)
    return rows
