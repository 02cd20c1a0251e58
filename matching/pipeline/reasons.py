"""Why a pair matches, as data: every entry says from which tier of either text it comes.

Nothing here is shown as it is. `open_to` filters by what a reader has been let into; sentences are
made by matching.explanation from what is disclosed to the reader.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from listings.disclosure import RANK
from listings.models.listings import Tier
from matching.pipeline.features import Comparison
from matching.pipeline.specifications import MET, NEARLY, UNKNOWN

Entry = dict[str, Any]
MAX_TERMS = 12
# The confidential texts bring the two this much nearer in meaning: then they had a part in it.
NEARER = 0.015
# Fewer hidden words than this meet by chance, and would let somebody probe for single words.
HIDDEN_TERMS = 3


def build(
    found: Comparison, need_tiers: Mapping[str, str], technology_tiers: Mapping[str, str]
) -> list[Entry]:
    """The entries of a pair; *_tiers: word -> most open tier in which that side has it."""
    return [
        *_terms(found, need_tiers, technology_tiers),
        *_specifications(found),
        *_meaning(found),
    ]


def _terms(
    found: Comparison, need_tiers: Mapping[str, str], technology_tiers: Mapping[str, str]
) -> Iterable[Entry]:
    for one in found.shared[:MAX_TERMS]:
        yield {
            "kind": "term", "word": one.word, "weight": round(one.weight, 2),
            "need_tier": need_tiers.get(one.word, Tier.CONFIDENTIAL.value),
            "technology_tier": technology_tiers.get(one.word, Tier.CONFIDENTIAL.value),
        }  # fmt: skip


def _specifications(found: Comparison) -> Iterable[Entry]:
    for one in found.verdicts:
        yield {
            "kind": "specification", "verdict": one.verdict, "strength": one.required.strength,
            "required": one.required.pk, "claimed": one.claimed.pk if one.claimed else None,
            "need_tier": one.required.tier,
            "technology_tier": one.claimed.tier if one.claimed else Tier.PUBLIC.value,
        }  # fmt: skip


def _meaning(found: Comparison) -> Iterable[Entry]:
    if found.cosine is None:
        return
    hidden = found.cosine_public is not None and found.cosine - found.cosine_public > NEARER
    yield {
        "kind": "meaning", "value": round(found.cosine, 3),
        "need_tier": _deepest(found.need.closed_tiers) if hidden else Tier.PUBLIC.value,
        "technology_tier": _deepest(found.technology.closed_tiers) if hidden else Tier.PUBLIC.value,
    }  # fmt: skip


def _deepest(tiers: Iterable[str]) -> str:
    return max(tiers, key=RANK.__getitem__, default=Tier.PUBLIC.value)


# --- For a reader --------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenReasons:
    """The entries a reader may know, its counts of verdicts, and whether closed texts also fit."""

    entries: list[Entry]
    verdicts: dict[str, int]
    hidden_fits: bool


def open_to(entries: Iterable[Entry], need_tier: str, technology_tier: str) -> OpenReasons:
    """What a reader with these tiers may know of a pair's reasons.

    A requirement that it may read, answered by a claim that it may not, is unknown to it.
    """
    shown: list[Entry] = []
    hidden: list[Entry] = []
    verdicts = {MET: 0, NEARLY: 0, "unmet": 0, UNKNOWN: 0}
    for entry in entries:
        reads_need = RANK[entry["need_tier"]] <= RANK[need_tier]
        reads_technology = RANK[entry["technology_tier"]] <= RANK[technology_tier]
        if reads_need and reads_technology:
            shown.append(entry)
        else:
            hidden.append(entry)
        if entry["kind"] == "specification" and reads_need:
            verdicts[entry["verdict"] if reads_technology else UNKNOWN] += 1
    return OpenReasons(shown, verdicts, _fits(hidden))


def _fits(hidden: list[Entry]) -> bool:
    terms = sum(1 for entry in hidden if entry["kind"] == "term")
    return terms >= HIDDEN_TERMS or any(
        entry["kind"] == "meaning" or entry.get("verdict") == MET for entry in hidden
    )
