"""How well texts are matched with entries, and catalogues as documents."""

import datetime as dt
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from contracts.actions.catalogues import load_catalogue
from contracts.models import Catalogue, CatalogueEntry
from contracts.screening.matching import CODE, TERM, WORDS, Piece, screen
from contracts.screening.reading import Faults, read
from events.models import Event
from marketplace.core.actor import Actor
from marketplace.core.codes import FIELDS, SUB_FIELDS
from marketplace.core.errors import Refused
from tests.cast import Cast
from tests.contracts.test_screening import SAMPLES

EXAMPLES = yaml.safe_load(Path(__file__).with_name("screening_examples.yaml").read_text("utf-8"))
SAMPLE = (SAMPLES / "sample-export.yaml").read_bytes()


def entries() -> list[Any]:
    return [
        SimpleNamespace(**row)
        for path in sorted(SAMPLES.glob("*.yaml"))
        for row in yaml.safe_load(path.read_text("utf-8"))["entries"]
    ]


def measured(examples: list[dict[str, Any]]) -> tuple[float, float, list[str]]:
    """(precision, recall, what went wrong)."""
    right = asked = wanted = 0
    wrong = []
    for one in examples:
        hits = screen([Piece(one["text"], fact="text")], one["fields"], entries())
        found = {hit.entry.code for hit in hits}
        right += len(found & set(one["hits"]))
        asked += len(found)
        wanted += len(one["hits"])
        if found != set(one["hits"]):
            wrong.append(f"{one['text']}: {sorted(found)} instead of {one['hits']}")
    return right / max(asked, 1), right / wanted, wrong


def test_examples_are_of_codes_that_there_are() -> None:
    known = {entry.code for entry in entries()}
    every = [one for examples in EXAMPLES.values() for one in examples]
    assert len(every) >= 24
    for one in every:
        assert set(one["hits"]) <= known
        assert all(code in FIELDS or code in SUB_FIELDS for code in one["fields"])


# docs/explanation/screening.md states these figures
@pytest.mark.parametrize(
    ("name", "precision", "recall"),
    [("made", 1.0, 1.0), ("aside", 0.89, 0.8), ("fresh", 1.0, 1.0)],
)
def test_how_good_it_is(name: str, precision: float, recall: float) -> None:
    got = measured(EXAMPLES[name])
    assert (round(got[0], 2), round(got[1], 2)) == (precision, recall), "\n".join(got[2])


def hits_of(text: str, *fields: str) -> list[tuple[str, str, tuple[str, ...]]]:
    found = screen([Piece(text, fact="text")], fields, entries())
    return [(hit.entry.code, hit.reasons[0].why, hit.reasons[0].terms) for hit in found]


def test_why_it_was_hit_is_said() -> None:
    assert hits_of("See sx-0204 of the list.") == [("SX-0204", CODE, ("sx-0204",))]
    assert hits_of("A drone swarm.") == [("SX-0204", TERM, ("drone swarm",))]
    assert hits_of("無人機集群") == [("SX-0204", TERM, ("无人机集群",))], "in either script"
    (hit,) = hits_of("software that learns user behaviour to personalise what it recommends")
    assert hit[:2] == ("SX-0203", WORDS) and "personalised" in hit[2]


def test_what_is_no_hit() -> None:
    for text in (
        "",
        "   ",
        "SX-02041",
        "a drone above bees in a swarm",
        "technology for use",
        "。！",
    ):
        assert hits_of(text, "aerospace") == [], text


def test_the_quote_is_of_the_place() -> None:
    text = "Nothing here. " * 60 + "The parties license a drone swarm. " + "And more. " * 60
    (hit,) = screen([Piece(text, file="F", name="deed.pdf", unit="page", at=3)], (), entries())
    (reason,) = hit.reasons
    assert "drone swarm" in reason.quote and len(reason.quote) < 170 and reason.piece.at == 3


# --- Documents -----------------------------------------------------------------------------------


def faults(content: bytes, *, is_csv: bool = False) -> list[str]:
    with pytest.raises(Faults) as caught:
        read(content, is_csv=is_csv)
    return caught.value.found


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"kind: prohibited", b"kind: forbidden", "Line 13: \u201ckind\u201d is one of prohibited"),
        (b"code: SX-0102", b"code: SX-0101", "Line 20: the code SX-0101 stands already in line 12"),
        (b"fields: [agriculture]", b"fields: [farming]", "Line 18: \u201cfarming\u201d is no code"),
        (b"direction: export", b"direction: out", "Line 7: \u201cdirection\u201d is one of export"),
        (b"valid_to: null", b"valid_to: 2019-01-01", "Line 10: \u201cvalid_to\u201d lies before"),
        (b"valid_from: 2020-01-01", b"valid_from: soon", "Line 9: \u201cvalid_from\u201d is a day"),
        (b"is_sample: true", b"is_sampl: true", "Line 8: \u201cis_sampl\u201d is not known"),
        (b"code: SAMPLE-EXPORT", b"code: SAMPLE-EXPORT\ncode: X1", "stands twice"),
        (b"entries:", b"entries: 3\nmore:", "is no list"),
        (b"code: SAMPLE-EXPORT", b"code: &a SAMPLE", "Line 2"),
    ],
)
def test_a_fault_is_named_by_its_line(old: bytes, new: bytes, told: str) -> None:
    if b"&a" in new:
        found = faults(SAMPLE.replace(old, new, 1) + b"more: *a\n")
        assert "aliases" in found[0]
        return
    found = faults(SAMPLE.replace(old, new, 1))
    assert any(told in fault for fault in found), found


def test_a_file_that_is_none() -> None:
    for content in (b"", b"[", b"\xff\xfe", b"a", b"- 1", b"? [a]\n: b", b"entries: [1]"):
        assert faults(content)
    for content in (b"", b"\xff", b"#code,A\n", b'"', b"code,code\n", b"code\na,b\n"):
        assert faults(content, is_csv=True)
    assert len(faults(SAMPLE.replace(b"kind:", b"kinds:") * 1)) >= 8


def test_csv_says_the_same_as_yaml() -> None:
    said = read(SAMPLE, is_csv=False)
    head = "".join(f"#{key},{_cell(value)}\n" for key, value in said.facts.items())
    names = ["code", "kind", "name_en", "name_zh", "points_en", "points_zh", "fields", "terms"]
    lines = [",".join(names)]
    lines += [",".join(_cell(row[name]) for name in names) for row in said.entries]
    content = f"{head}\n{chr(10).join(lines)}\n".encode("utf-8-sig")
    again = read(content, is_csv=True)
    assert again == said and again.sha256 == said.sha256
    broken = content.replace(b"restricted", b"restrict", 1)
    assert faults(broken, is_csv=True)[0].startswith("Line 14: ")


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "\uff1b".join(value)
    text = "" if value is None else str(value)
    return f'"{text}"' if "," in text else text


# --- Loading -------------------------------------------------------------------------------------


def load(content: bytes = SAMPLE, **options: Any) -> Any:
    return load_catalogue(actor=Actor.system(), content=content, is_csv=False, **options)


@pytest.mark.django_db
def test_loading_again_changes_nothing_and_a_later_edition_ends_the_one_before() -> None:
    assert load(only_check=True).is_new and not Catalogue.objects.exists()
    first = load()
    assert first.is_new and not load().is_new
    assert Event.objects.filter(kind="catalogue.loaded").count() == 1
    later = load(SAMPLE.replace(b"valid_from: 2020-01-01", b"valid_from: 2024-07-01"))
    assert later.ended == first.catalogue
    first.catalogue.refresh_from_db()
    assert first.catalogue.valid_to == dt.date(2024, 6, 30)
    corrected = load(
        SAMPLE.replace(b"valid_from: 2020-01-01", b"valid_from: 2024-07-01").replace(
            b"Invented for trying out", b"Invented, for trying out"
        )
    )
    later.catalogue.refresh_from_db()
    assert corrected.ended == later.catalogue and later.catalogue.replaced_at
    assert CatalogueEntry.objects.count() == 24, "nothing of the editions before is lost"
    assert len(set(CatalogueEntry.objects.values_list("sha256", flat=True))) == 8
    with pytest.raises(Faults, match="must end before"):
        load(SAMPLE.replace(b"valid_from: 2020-01-01", b"valid_from: 2022-01-01"))
    with pytest.raises(Faults, match="another direction"):
        load(SAMPLE.replace(b"direction: export", b"direction: import"))


@pytest.mark.django_db
def test_only_operators_load(cast: Cast) -> None:
    for player in (cast.owner, cast.registrar, cast.visitor):
        with pytest.raises(Refused):
            load_catalogue(actor=player.actor, content=SAMPLE, is_csv=False)
    assert load_catalogue(actor=cast.operator.actor, content=SAMPLE, is_csv=False).is_new


@pytest.mark.django_db
def test_the_command_loads_checks_and_refuses(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.yaml"
    path.write_bytes(SAMPLE)

    def run(*arguments: str) -> str:
        out = StringIO()
        call_command("load_catalogue", *arguments, stdout=out)
        return out.getvalue()

    assert "could be loaded" in run(str(path), "--check") and not Catalogue.objects.exists()
    assert "8 entries: loaded" in run(str(path))
    assert "nothing changed" in run(str(path))
    assert "SAMPLE-IMPORT" in run("--samples")
    path.write_bytes(SAMPLE.replace(b"kind: prohibited", b"kind: x", 1))
    with pytest.raises(CommandError, match="Line 13"):
        run(str(path))
    for arguments in ((), (str(tmp_path / "none.yaml"),)):
        with pytest.raises(CommandError):
            run(*arguments)
