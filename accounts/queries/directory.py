"""The directory of institutions with counts beside every filter."""

from dataclasses import dataclass, replace

from django.db.models import Count, F, Func, Q, QuerySet
from django.db.models.functions import Substr

from accounts.models import AllianceMember, Organisation
from accounts.queries.organisations import by_name, narrow, ttis_visible_to
from marketplace.core import regions
from marketplace.core.actor import Actor
from marketplace.core.codes import FIELDS, TTI_TYPES


@dataclass(frozen=True)
class Wanted:
    """What the reader narrowed by; see queries.organisations.narrow."""

    text: str = ""
    types: tuple[str, ...] = ()
    region: str = ""
    fields: tuple[str, ...] = ()

    @property
    def anything(self) -> bool:
        return bool(self.text or self.types or self.region or self.fields)


@dataclass(frozen=True)
class Facet:
    value: str
    label: str
    count: int


def found(actor: Actor, wanted: Wanted) -> QuerySet[Organisation]:
    """The institutions, by name, with `alliance_count`."""
    return by_name(
        _narrowed(actor, wanted).annotate(
            alliance_count=Count(
                "alliance_memberships",
                filter=Q(alliance_memberships__state=AllianceMember.State.MEMBER),
            )
        ),
        actor.language,
    )


def facets(actor: Actor, wanted: Wanted) -> dict[str, list[Facet]]:
    """Counts for every choice, each under the other filters, in three queries.

    A choice without a hit is left out unless it is chosen, so that no click leads to nothing.
    """
    by_type = dict(
        _narrowed(actor, replace(wanted, types=()))
        .values_list("tti_type")
        .annotate(rows=Count("pk"))
        .values_list("tti_type", "rows")
    )
    by_province = dict(
        _narrowed(actor, replace(wanted, region=""))
        .filter(country="CN")
        .annotate(province=Substr("region", 1, 2))
        .values_list("province")
        .annotate(rows=Count("pk"))
        .values_list("province", "rows")
    )
    by_field = dict(
        _narrowed(actor, replace(wanted, fields=()))
        .annotate(one=Func(F("field_codes"), function="unnest"))
        .values_list("one")
        .annotate(rows=Count("pk"))
        .values_list("one", "rows")
    )
    return {
        "type": _kept(
            [Facet(c.code, c.name(), by_type.get(c.code, 0)) for c in TTI_TYPES], wanted.types
        ),
        "region": _kept(
            [
                Facet(r.code, r.name(actor.language), by_province.get(r.code[:2], 0))
                for r in regions.children()
            ],
            (wanted.region,),
        ),
        "field": _kept(
            [Facet(c.code, c.name(), by_field.get(c.code, 0)) for c in FIELDS], wanted.fields
        ),
    }


def _narrowed(actor: Actor, wanted: Wanted) -> QuerySet[Organisation]:
    return narrow(
        ttis_visible_to(actor),
        text=wanted.text,
        types=list(wanted.types),
        region=wanted.region,
        fields=list(wanted.fields),
    ).order_by()


def _kept(choices: list[Facet], chosen: tuple[str, ...]) -> list[Facet]:
    return [choice for choice in choices if choice.count or choice.value in chosen]
