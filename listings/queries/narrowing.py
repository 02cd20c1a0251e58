"""Filters of browse and API, each one condition.

Those of columns that listings and their search entries share serve both; what an anonymous listing
withholds is no condition: a filter by organisation, its kind, or a place below the province would
say who it is.
"""

from collections.abc import Callable
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet

from listings import tags
from listings.models import IpRight, Listing, Specification
from listings.models.listings import Tier
from listings.quantities import SpecificationAsked
from listings.queries.matches import Matches
from listings.question import Question, all_of
from listings.wanted import Wanted
from marketplace.core import regions
from marketplace.core.actor import Actor

NAMED = Q(is_anonymous=False)


def in_fields(fields: tuple[str, ...]) -> Q:
    """The main field or one of the further ones."""
    return Q(field__in=fields) | Q(more_fields__overlap=list(fields))


def with_modes(modes: tuple[str, ...]) -> Q:
    return Q(modes__overlap=list(modes))


def with_price(low: Decimal | None, high: Decimal | None, currency: str) -> Q:
    """Whose stated price or budget reaches into the range; those without a figure do not."""
    wanted = Q(currency=currency) & (Q(price_min__isnull=False) | Q(price_max__isnull=False))
    if low is not None:
        wanted &= Q(price_max__gte=low) | Q(price_max__isnull=True)
    if high is not None:
        wanted &= Q(price_min__lte=high) | Q(price_min__isnull=True)
    return wanted


def with_rights(kinds: tuple[str, ...]) -> Q:
    return Q(Exists(IpRight.objects.filter(listing=OuterRef("pk"), kind__in=kinds)))


def of_organisation_kinds(kinds: tuple[str, ...]) -> Q:
    return NAMED & Q(owner__kind__in=kinds)


def of_organisation(public_id: str) -> Q:
    return NAMED & Q(owner__public_id=public_id)


def in_region(code: str) -> Q:
    """In the region or what lies in it; an anonymous listing is only known to be in a province."""
    lies = Q(country="CN", region__startswith=regions.prefix(code))
    return lies if code.endswith("0000") else lies & NAMED


def by_verified() -> Q:
    return Q(owner__verified_at__isnull=False)


def with_specifications(asked: tuple[SpecificationAsked, ...]) -> Q:
    """Whose public specifications claim (or ask for) at least or at most that, in any unit of the
    same dimension."""
    wanted = Q()
    for one in asked:
        named = Q()
        for name in one.metric:
            named |= Q(metric_en__icontains=name) | Q(metric_zh__icontains=name)
        rows = Specification.objects.filter(
            named,
            listing=OuterRef("pk"),
            tier=Tier.PUBLIC,
            dimension=one.dimension,
            **{f"base_value__{_LOOKUPS[one.comparator]}": one.base},
        )
        wanted &= Q(Exists(rows))
    return wanted


_LOOKUPS = {"ge": "gte", "gt": "gt", "le": "lte", "lt": "lt"}

# --- Of search entries ----------------------------------------------------------------------------


def tagged(wanted: list[str]) -> Q:
    """With one of these tags."""
    return Q(tags__overlap=wanted)


_CONDITIONS: dict[str, Callable[[Wanted], Q]] = {
    "field": lambda wanted: tagged(tags.of_fields(*wanted.field)),
    "sub_field": lambda wanted: tagged(tags.of_sub_fields(*wanted.sub_field)),
    "trl": lambda wanted: tagged(tags.of_levels(wanted.trl_min, wanted.trl_max)),
    "mode": lambda wanted: tagged(tags.of_modes(*wanted.mode)),
    "price": lambda wanted: with_price(wanted.price_min, wanted.price_max, wanted.currency),
    "ip": lambda wanted: tagged(tags.of_rights(*wanted.ip)),
    "organisation_kind": lambda wanted: of_organisation_kinds(wanted.organisation_kind),
    "region": lambda wanted: tagged(tags.of_region(wanted.region)),
    "country": lambda wanted: tagged(tags.of_country(wanted.country)),
    "language": lambda wanted: tagged(tags.of_languages(wanted.language)),
    "verified": lambda wanted: by_verified(),
    "organisation": lambda wanted: of_organisation(wanted.organisation),
    "spec": lambda wanted: with_specifications(wanted.specifications),
}


# Those of them that leave little, as the index of tags knows. Most listings pass the others.
TELLING = frozenset({"field", "sub_field", "region", "ip"})


def condition_of(name: str, wanted: Wanted) -> Q:
    """One filter that is set. Of search entries."""
    return _CONDITIONS[name](wanted)


def conditions(wanted: Wanted, *, but: str = "") -> Q:
    """Every filter that is set, but one. Of search entries."""
    found = Q()
    for name in active_but(but, wanted):
        found &= condition_of(name, wanted)
    return found


def active_but(but: str, wanted: Wanted) -> tuple[str, ...]:
    """The filters that are set, but one."""
    # A sub-field hangs under its field: to look at other fields is to leave both.
    gone = {"field", "sub_field"} if but == "field" else {but}
    return tuple(name for name in wanted.active if name not in gone)


def written_into(question: Question, actor: Actor, column: str) -> Q:
    """The filters, phrases and exclusions that stand in the question itself. Of search entries."""
    wanted = Q()
    if question.fields:
        wanted &= tagged(tags.of_fields(*question.fields))
    if question.trl_min or question.trl_max:
        wanted &= tagged(tags.of_levels(question.trl_min, question.trl_max))
    if question.organisation:
        wanted &= NAMED & (
            Q(owner__name_en__icontains=question.organisation)
            | Q(owner__name_zh__icontains=question.organisation)
        )
    wanted &= with_specifications(question.specifications)
    for word in question.without:
        wanted &= ~Q(Matches("words_public", all_of([word])))
        if column != "words_public":  # null where it adds nothing
            wanted &= ~Q(Matches(column, all_of([word])) & Q(**{f"{column}__isnull": False}))
    for phrase in question.phrases:
        wanted &= Q(Exists(_saying(phrase, actor)))
    return wanted


def _saying(phrase: str, actor: Actor) -> QuerySet[Listing]:
    """Listings that say these very words in a text that the actor may read."""
    names = ["title", "summary", "body", "tried", "judged"]
    names += ["members_text"] if actor.is_verified_member else []
    said = Q()
    for name in names:
        for language in ("en", "zh"):
            said |= Q(**{f"{name}_{language}__icontains": phrase})
    return Listing.objects.filter(said, pk=OuterRef("pk"))
