"""Texts to try, which find something in the demo market. They are ours, so they have addresses."""

from dataclasses import dataclass

from listings.models.listings import Kind
from marketplace.core.bilingual import is_chinese


@dataclass(frozen=True)
class Example:
    """label: what the link says."""

    key: str
    label: str
    lang: str
    kind: str
    text: str


_ALL = (
    Example(
        "cold-cells", "Batteries that fail in the cold", "en", Kind.NEED.value,
        "Our pouch cells lose half of their capacity in the northern winter. We look for an "
        "electrolyte with a capacity retention of at least 80 % at -40 °C that runs on our present "
        "filling line.",
    ),
    Example(
        "fabric", "Flaws in woven fabric", "en", Kind.NEED.value,
        "Weft faults in woven cloth are found too late. We want cameras that see them on the loom.",
    ),
    Example(
        "fruit", "水果采摘", "zh-Hans", Kind.NEED.value,
        "草莓采摘人工成本高，夹持力大了会压伤果实，需要柔性的采摘夹爪或机器人。",
    ),
    Example(
        "piles", "海上钢桩防腐", "zh-Hans", Kind.NEED.value,
        "海上风电钢桩浪溅区涂层两三年就剥落，需要在潮湿表面施工、附着力不低于 8 MPa 的重防腐涂层。",
    ),
    Example(
        "can-electrolyte", "我们会做低温电解液", "zh-Hans", Kind.TECHNOLOGY.value,
        "我们开发了动力电池用低温电解液，−40 ℃容量保持率不低于 84 %，已在软包电池上验证。",
    ),
)  # fmt: skip


def examples(language: str) -> list[Example]:
    """All, those in the reader's language first."""
    first = "zh-Hans" if is_chinese(language) else "en"
    return sorted(_ALL, key=lambda one: one.lang != first)


def example_of(key: str) -> Example | None:
    return next((one for one in _ALL if one.key == key), None)
