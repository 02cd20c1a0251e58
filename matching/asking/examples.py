"""Texts to try, which find something in the demo market. Open to everybody, so they have addresses."""

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
        "coating", "耐高温涂层", "zh-Hans", Kind.NEED.value,
        "我们的模具在300 ℃下反复加热，表面陶瓷涂层容易剥落，希望找到附着力强、耐磨的涂层工艺。",
    ),
    Example(
        "fabric", "Flaws in woven fabric", "en", Kind.NEED.value,
        "Inspectors miss flaws in woven fabric. We want cameras to find defects at line speed.",
    ),
    Example(
        "rice", "水稻稻瘟病", "zh-Hans", Kind.NEED.value,
        "水稻连年发生稻瘟病，农药用量大，需要抗病品种或绿色防控技术。",
    ),
    Example(
        "can-electrolyte", "我们会做固态电解质", "zh-Hans", Kind.TECHNOLOGY.value,
        "我们开发了低温电解液和固态电解质，离子电导率高，已在软包电池上验证。",
    ),
)  # fmt: skip


def examples(language: str) -> list[Example]:
    """All, those in the reader's language first."""
    first = "zh-Hans" if is_chinese(language) else "en"
    return sorted(_ALL, key=lambda one: one.lang != first)


def example_of(key: str) -> Example | None:
    return next((one for one in _ALL if one.key == key), None)
