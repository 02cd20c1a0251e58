"""Why a pair matches, in sentences for one reader, built from what is disclosed to it alone.

The stored reasons only say which words and verdicts to look for, and whether something that the
reader may not see fits too; every text and figure comes from a Disclosed.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from listings.disclosure import Disclosed, disclosed_many
from marketplace.core import regions
from marketplace.core.actor import Actor
from marketplace.core.codes import FIELDS, SUB_FIELDS, TRANSFER_MODES
from marketplace.core.formatting import amount_text, join_text
from matching.models import Match
from matching.pipeline.features import DEAR
from matching.pipeline.specifications import Verdict, counts, verdicts
from matching.readings import Reading, listings_of, reading_of
from matching.terms import SharedTerm, shared_terms

CLOSE = 0.6  # meaning feature from which the descriptions are called close


@dataclass(frozen=True, slots=True)
class Point:
    """One line: what it is about, and what is so."""

    code: str
    label: str
    text: str


@dataclass(frozen=True)
class Explanation:
    """A pair explained to one reader. Empty but for the reading when the pair is blind.

    fits, against: points; ask: what nobody has said and should be asked. hidden_fits: details not
    shown to the reader also fit.
    """

    reading: Reading
    terms: list[SharedTerm] = field(default_factory=list)
    specifications: list[Verdict[Any]] = field(default_factory=list)
    verdicts: dict[str, int] = field(default_factory=dict)
    fits: list[Point] = field(default_factory=list)
    against: list[Point] = field(default_factory=list)
    ask: list[Point] = field(default_factory=list)

    @property
    def hidden_fits(self) -> bool:
        return self.reading.hidden_fits


def explain(match: Match, actor: Actor, side: str = "") -> Explanation:
    """The pair in the actor's language. The caller has gated it (queries.visibility).

    side: as which side a person of both organisations reads.
    """
    views = disclosed_many(listings_of([match]), actor)
    reading = reading_of(match, actor, views, side)
    if reading.need is None or reading.technology is None:
        return Explanation(reading)
    need, technology = reading.need, reading.technology
    table: list[Verdict[Any]] = verdicts(need.specifications, technology.specifications)
    facts = _Facts(need, technology)
    facts.read_all()
    if any(
        entry["kind"] == "meaning" and match.features.get("meaning", 0) >= CLOSE
        for entry in reading.reasons.entries
    ):
        facts.fits.append(Point("meaning", _("Meaning"), _("The two descriptions are close.")))
    return Explanation(
        reading=reading,
        terms=shared_terms(
            need, technology,
            [entry["word"] for entry in reading.reasons.entries if entry["kind"] == "term"],
        ),
        specifications=table,
        verdicts=counts(table),
        fits=facts.fits,
        against=facts.against,
        ask=facts.ask,
    )  # fmt: skip


def points_of(
    need: Disclosed, technology: Disclosed
) -> tuple[list[Point], list[Point], list[Point]]:
    """(fits, against, ask): what the facts of two disclosed listings say of each other."""
    facts = _Facts(need, technology)
    facts.read_all()
    return facts.fits, facts.against, facts.ask


class _Facts:
    """Sorts the facts of two disclosed listings into what fits, what does not, what to ask."""

    def __init__(self, need: Disclosed, technology: Disclosed) -> None:
        self.need = need
        self.technology = technology
        self.fits: list[Point] = []
        self.against: list[Point] = []
        self.ask: list[Point] = []

    def read_all(self) -> None:
        self._field()
        self._trl()
        self._modes()
        self._price()
        self._region()
        self._language()

    def _field(self) -> None:
        label, need, technology = _("Field"), self.need, self.technology
        if need.sub_field and need.sub_field == technology.sub_field:
            name = SUB_FIELDS.label(need.sub_field)
            self.fits.append(Point("field", label, _("%(name)s: the same") % {"name": name}))
        elif need.field == technology.field:
            name = FIELDS.label(need.field)
            self.fits.append(Point("field", label, _("%(name)s: the same") % {"name": name}))
        elif common := {need.field, *need.more_fields} & {
            technology.field, *technology.more_fields,
        }:  # fmt: skip
            names = join_text([FIELDS.label(code) for code in sorted(common)])
            self.fits.append(Point("field", label, _("%(name)s: in common") % {"name": names}))
        else:
            self.against.append(
                Point(
                    "field", label,
                    _("Offered in %(offered)s, wanted in %(wanted)s")
                    % {"offered": FIELDS.label(technology.field),
                       "wanted": FIELDS.label(need.field)},
                )
            )  # fmt: skip

    def _trl(self) -> None:
        label, wanted, reached = _("Maturity"), self.need.trl, self.technology.trl
        if reached is None:
            self.ask.append(Point("trl", label, _("How mature is it? No TRL is stated.")))
            return
        if wanted is None:
            text = _("TRL %(reached)s; the need does not say which is wanted")
            self.ask.append(Point("trl", label, text % {"reached": reached}))
            return
        if reached >= wanted:
            text = _("TRL %(reached)s; at least %(wanted)s is wanted")
            self.fits.append(Point("trl", label, text % {"reached": reached, "wanted": wanted}))
            return
        text = ngettext(
            "TRL %(reached)s; %(wanted)s is wanted: one level short",
            "TRL %(reached)s; %(wanted)s is wanted: %(gap)s levels short",
            wanted - reached,
        )
        point = Point(
            "trl", label, text % {"reached": reached, "wanted": wanted, "gap": wanted - reached}
        )
        self.against.append(point)

    def _modes(self) -> None:
        label, wanted, offered = _("Transfer mode"), self.need.modes, self.technology.modes
        common = [code for code in wanted if code in offered]
        if common:
            text = _("%(modes)s: wanted and offered") % {"modes": _modes(common)}
            self.fits.append(Point("modes", label, text))
        elif wanted and offered:
            text = _("Offered: %(offered)s. Wanted: %(wanted)s")
            self.against.append(
                Point("modes", label, text % {"offered": _modes(offered), "wanted": _modes(wanted)})
            )
        elif offered:
            text = _("Offered: %(offered)s. The need leaves it open")
            self.ask.append(Point("modes", label, text % {"offered": _modes(offered)}))
        else:
            self.ask.append(Point("modes", label, _("In which mode can it be transferred?")))

    def _price(self) -> None:
        label, need, technology = _("Price"), self.need, self.technology
        budget = need.price_max if need.price_max is not None else need.price_min
        price = technology.price_min if technology.price_min is not None else technology.price_max
        if price is None:
            self.ask.append(Point("price", label, _("What does it cost? No price is stated.")))
            return
        if budget is None:
            text = _("Asking %(price)s; no budget is stated")
            amount = amount_text(price, technology.currency)
            self.ask.append(Point("price", label, text % {"price": amount}))
            return
        said = {
            "price": amount_text(price, technology.currency),
            "budget": amount_text(budget, need.currency),
        }
        if need.currency != technology.currency:
            text = _("Asking %(price)s, budget %(budget)s: two currencies")
            self.ask.append(Point("price", label, text % said))
        elif price <= budget:
            text = _("Asking from %(price)s, within the budget of %(budget)s")
            self.fits.append(Point("price", label, text % said))
        else:
            self.against.append(Point("price", label, _over(price, budget) % said))

    def _region(self) -> None:
        label, need, technology = _("Place"), self.need, self.technology
        if need.country != technology.country:
            text = _("Two countries: %(one)s and %(other)s") % {
                "one": regions.country_name(technology.country, get_language()),
                "other": regions.country_name(need.country, get_language()),
            }
            self.against.append(Point("region", label, text))
        elif not need.region or not technology.region:
            return
        elif need.region[:4] == technology.region[:4] and need.region[2:4] != "00":
            self.fits.append(Point("region", label, _("The same city")))
        elif need.region[:2] == technology.region[:2]:
            self.fits.append(Point("region", label, _("The same province")))

    def _language(self) -> None:
        if not _languages(self.need) & _languages(self.technology):
            text = _("The two are written in different languages; a broker can help")
            self.against.append(Point("language", _("Language"), text))


def _languages(listing: Disclosed) -> set[str]:
    found = set()
    if listing.title_en or listing.body_en:
        found.add("en")
    if listing.title_zh or listing.body_zh:
        found.add("zh")
    return found


def _modes(codes: list[str]) -> str:
    return join_text([TRANSFER_MODES.label(code) for code in codes])


def _over(price: Decimal, budget: Decimal) -> str:
    if price <= budget * DEAR:
        return _("Asking from %(price)s, a little above the budget of %(budget)s")
    return _("Asking from %(price)s, above the budget of %(budget)s")
