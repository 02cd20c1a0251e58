"""Sets of questions, figures, and the commands that measure search and matcher with them."""

import contextlib
import dataclasses
import gzip
import io
import json
import math
from collections import Counter

import pytest
from django.core.management import CommandError, call_command

from listings.models import SearchEntry
from listings.queries import meaning, ranking
from marketplace.bench import market as scratch
from marketplace.demo.entries import authored
from marketplace.evaluation import market, matching
from marketplace.evaluation.figures import figures, rows
from marketplace.evaluation.sets import demo_pairs, demo_set, folder_set
from matching.pipeline import rarity
from matching.pipeline.model import NAMES, current

OFFERS = [
    ("o1", "en", "", "A ceramic membrane that treats oily wastewater of refineries at low cost."),
    ("o2", "en", "", "An electrolyte additive that keeps lithium cells alive in deep winter cold."),
    ("o3", "en", "", "A camera that sees cracks in castings while the line is moving."),
    ("o4", "en", "", "A wheat variety that stands salty soils and drought."),
]
NEEDS = [
    ("n1", "en", "", "We look for a membrane for oily wastewater from our refinery."),
    ("n2", "en", "", "Our lithium cells lose capacity in winter: which electrolyte helps?"),
]
QRELS = [("n1", "o1", 2), ("n1", "o3", 0), ("n2", "o2", 2), ("n2", "o4", 0)]


@pytest.fixture
def folder(tmp_path):
    for name, lines in (("offers", OFFERS), ("needs", NEEDS)):
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            for row in lines:
                file.write(json.dumps(dict(zip(("id", "lang", "title", "text"), row, strict=True))))
                file.write("\n")
    qrels = "\n".join("\t".join(map(str, row)) for row in [("need", "offer", "grade"), *QRELS])
    (tmp_path / "qrels.tsv").write_text(qrels + "\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def here(monkeypatch, settings):
    """The commands fill the test's own database in place of a scratch one."""
    settings.ENCODER = settings.ENCODER  # what --words-only sets is taken back
    for module, name in ((ranking, "CANDIDATES"), (meaning, "NEAREST"), (meaning, "SPREAD")):
        monkeypatch.setattr(module, name, getattr(module, name))  # and what --depth sets
    monkeypatch.setattr(scratch, "scratch_database", lambda name: contextlib.nullcontext())
    monkeypatch.setattr(scratch, "settle", lambda: None)


def test_figures_are_those_of_the_books():
    graded = {"q": {"a": 3, "b": 1, "c": 0}, "none": {"a": 0}}
    found = figures(graded, {"q": ["x", "b", "a"]})
    ideal = 7 + 1 / math.log2(3)
    assert found.questions == 1
    assert found.ndcg10 == pytest.approx((1 / math.log2(3) + 7 / 2) / ideal)
    assert found.judged == pytest.approx((1 + 7 / math.log2(3)) / ideal)
    assert (found.recall100, found.mrr10, found.zero) == (1.0, pytest.approx(1 / 3), 0.0)
    with pytest.raises(ValueError, match="graded"):
        figures({"none": {"a": 0}}, {})


def test_the_committed_questions_ask_for_what_there_is():
    given = demo_set()
    keys = {entry.row["key"] for entry in authored()}
    assert len(given.questions) >= 60
    assert {"zh", "en", "crossed", "typo", "abbreviation", "specification"} <= {
        question.group for question in given.questions
    }
    assert {answer for grades in given.graded.values() for answer in grades} <= keys


def test_a_difference_that_is_always_there_is_no_chance():
    good = rows({str(n): {"a": 1} for n in range(20)}, {str(n): ["a"] for n in range(20)})
    bad = rows({str(n): {"a": 1} for n in range(20)}, {str(n): ["x", "a"] for n in range(20)})
    assert matching.chance(good, bad, "mrr10") < 0.001
    assert matching.chance(good, good, "mrr10") == 1.0


@pytest.fixture
def folder_pools(folder, db):
    given = folder_set(folder)
    offers, needs = market.post(given.offers), market.post(given.needs, kind="need")
    rarity.count_words()
    return dict(matching.pools(needs, offers, given.graded, current()))


def test_the_matcher_is_asked_as_it_works(folder_pools):
    pools = folder_pools
    assert pools["n1"].ranked("model")[0][0] == pools["n1"].ranked("words")[0][0] == "o1"
    assert pools["n2"].ranked("model")[0][0] == "o2"
    # every graded offer has its place, found or not
    assert {"o1", "o3"} <= set(pools["n1"].offers)


@pytest.mark.django_db
def test_evaluate_matching_prints_figures_and_writes_a_run(folder, here):
    out = io.StringIO()
    call_command("evaluate_matching", folder, run=folder / "run.tsv", words_only=True, stdout=out)
    result = json.loads(out.getvalue())
    assert result["model"]["mrr10"] == result["words"]["mrr10"] == 1.0
    assert result["chance"]["words"]["mrr10"] == 1.0
    lines = [line.split("\t") for line in (folder / "run.tsv").read_text().splitlines()]
    assert {(need, offer) for need, offer, _ in lines} >= {
        (need, offer) for need, offer, _ in QRELS
    }


def test_an_ablation_leaves_out_what_it_names(folder_pools):
    for pool in folder_pools.values():
        assert {f"without {group}" for group in matching.GROUPS} < set(pool.orders)
        # texts alone say something of these: without words and meaning all stand alike
        assert pool.orders["without words"] != pool.orders["model"]
        assert pool.orders["without specifications"] == pool.orders["model"]


def test_an_ablation_names_every_feature():
    assert {name for names in matching.GROUPS.values() for name in names} == set(NAMES)


def test_good_pairs_are_counted_by_level(folder_pools):
    model = current()
    judged = matching.Levels(judged=True)
    for name, grades in {"n1": {"o1": 2, "o3": 0}, "n2": {"o2": 2, "o4": 0}}.items():
        judged.add(folder_pools[name], grades, 2, model)
    above = sum(
        number >= model.floor
        for name, offers in {"n1": {"o1", "o3"}, "n2": {"o2", "o4"}}.items()
        for offer, number in zip(folder_pools[name].offers, folder_pools[name].scores, strict=True)
        if offer in offers
    )
    assert sum(judged.pairs.values()) == above
    everything = matching.Levels(judged=False)  # nobody said no: what nobody judged is no hit
    everything.add(folder_pools["n1"], {"o1": 2}, 2, dataclasses.replace(
        model, levels={"strong": 2, "fairly_strong": 1, "weak": 0}
    ))  # fmt: skip
    assert sum(everything.pairs.values()) == len(folder_pools["n1"].offers)
    assert sum(everything.good.values()) == 1


def test_exposure_says_who_is_ever_seen():
    shown = Counter({"a": 3, "b": 3})
    even = matching.exposure(shown, {"a": "x", "b": "y"})
    assert (even["ever"], even["gini"], even["ever_by_group"]) == (1.0, 0.0, {"x": 1.0, "y": 1.0})
    uneven = matching.exposure(Counter({"a": 6}), {"a": "x", "b": "y", "c": "y", "d": "y"})
    assert (uneven["ever"], uneven["gini"]) == (0.25, 0.75)
    assert uneven["ever_by_group"] == {"x": 1.0, "y": 0.0}
    assert matching.exposure(Counter(), {"a": "x"})["gini"] == 0.0


def test_the_committed_pairs_are_of_authored_entries():
    kinds = {entry.row["key"]: entry.kind for entry in authored()}
    pairs = demo_pairs()
    assert len(pairs) >= 100
    assert {kinds[need] for need in pairs} == {"need"}
    assert {kinds[offer] for grades in pairs.values() for offer in grades} == {"technology"}


@pytest.mark.django_db
def test_without_a_folder_the_market_that_is_loaded_is_measured(monkeypatch, here, settings):
    settings.ENCODER = "none"
    given = [market.Offer(name, language, title, text) for name, language, title, text in OFFERS]
    asked = [market.Offer(name, language, title, text) for name, language, title, text in NEEDS]
    loaded = {"technology": market.post(given), "need": market.post(asked, kind="need")}
    rarity.count_words()
    command = "marketplace.management.commands.evaluate_matching"
    monkeypatch.setattr(f"{command}.demo_pairs", lambda: {"n1": {"o1": 2}, "n2": {"o2": 2}})
    monkeypatch.setattr(market, "demo_names", lambda kind="": loaded[kind])
    out = io.StringIO()
    call_command("evaluate_matching", stdout=out)
    result = json.loads(out.getvalue())
    assert result["set"] == "demo" and result["model"]["mrr10"] == 1.0
    assert result["exposure"]["offers"] == len(OFFERS)
    assert set(result["exposure"]["ever_by_group"]) == {"research_institute, en"}
    assert result["without words"]["questions"] == 2


@pytest.mark.django_db
def test_evaluate_search_prints_figures_and_writes_a_run(folder, here):
    out = io.StringIO()
    call_command(
        "evaluate_search", folder, run=folder / "run.tsv", words_only=True, depth=50, stdout=out
    )
    assert json.loads(out.getvalue())["mrr10"] == 1.0
    assert (folder / "run.tsv").read_text().startswith("n1\to1\t")


def test_a_folder_without_its_files_is_refused(tmp_path, here):
    with pytest.raises(CommandError, match=r"qrels\.tsv is missing"):
        call_command("evaluate_matching", tmp_path)


@pytest.mark.django_db
def test_meanings_are_computed_once_and_kept(folder, monkeypatch, tmp_path):
    class Counting:
        name = "counting"
        asked = 0

        def passages(self, texts):
            Counting.asked += len(texts)
            return [[1.0] + [0.0] * 383 for _ in texts]

        questions = passages

    monkeypatch.setattr(market, "encoder", Counting)
    offers = market.post(folder_set(folder).offers)
    told = []
    for _ in range(2):
        market.add_meanings(offers, tmp_path / "kept.npz", lambda *row: told.append(row))
    assert Counting.asked == len(OFFERS) and told == [(4, 4)]
    assert not SearchEntry.objects.filter(meaning_public__isnull=True).exists()
