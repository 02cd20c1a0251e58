"""Learning the matcher's weights from judged pairs."""

import contextlib
import gzip
import io
import json

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from marketplace.bench import market as scratch
from marketplace.evaluation import training
from matching.pipeline.model import NAMES, read


@pytest.fixture
def here(monkeypatch, settings):
    """The command fills the test's own database in place of a scratch one."""
    settings.ENCODER = settings.ENCODER  # what --words-only sets is taken back
    monkeypatch.setattr(scratch, "scratch_database", lambda name: contextlib.nullcontext())
    monkeypatch.setattr(scratch, "settle", lambda: None)


def test_weights_are_learned_from_what_was_judged_and_stay_where_nothing_was_said():
    dice = np.random.default_rng(3)
    start = np.array([1.0 if name != "specifications_unmet" else -1.0 for name in NAMES])
    words, title = NAMES.index("words"), NAMES.index("title")
    samples = []
    for need in range(40):
        rows = np.zeros((20, len(NAMES)))
        rows[:, words], rows[:, title] = dice.random(20), dice.random(20)
        # the title says all, the words nothing
        grades = (rows[:, title] > 0.7).astype(float)
        samples.append(training.Sample(str(need), "made", rows, grades))
    learned = training.fit(samples, start, 0.02)
    assert learned[title] > 4 * max(learned[words], 0.01)
    rest = [n for n in range(len(NAMES)) if n not in (words, title)]
    assert np.allclose(learned[rest], start[rest], atol=1e-6)
    assert np.sign(learned[words]) in (0, 1)


def test_a_feature_that_weighed_nothing_can_be_learned():
    dice = np.random.default_rng(5)
    start = np.zeros(len(NAMES))
    start[NAMES.index("words")] = 1.0
    samples = []
    for need in range(20):
        rows = np.zeros((20, len(NAMES)))
        rows[:, NAMES.index("region")] = dice.random(20)
        grades = (rows[:, NAMES.index("region")] > 0.7).astype(float)
        samples.append(training.Sample(str(need), "made", rows, grades))
    assert training.fit(samples, start, 0.02)[NAMES.index("region")] > 1


def test_a_score_becomes_the_chance_of_being_good():
    dice = np.random.default_rng(4)
    sums = dice.normal(size=4000)
    good = (dice.random(4000) < 1 / (1 + np.exp(-(2 * sums - 1)))).astype(float)
    scale, bias = training.calibrated(sums, good, np.full(4000, 1 / 4000))
    assert abs(scale - 2) < 0.3 and abs(bias + 1) < 0.3
    scores = 100 / (1 + np.exp(-(scale * sums + bias)))
    level = training.threshold(scores, good, 0.7)
    assert level is not None and 25 < level < 60
    assert good[scores >= level].mean() >= 0.7
    assert training.threshold(scores, np.zeros(4000), 0.7) is None


def test_no_need_is_learned_from_and_held_back():
    rows = np.zeros((2, len(NAMES)))
    samples = [training.Sample(str(n), "a", rows, np.array([0.0, 1.0])) for n in range(13)]
    held = []
    for learned, back in training.folds(samples, 5):
        assert not {s.need for s in learned} & {s.need for s in back}
        held += [s.need for s in back]
    assert sorted(held) == sorted(s.need for s in samples)


@pytest.mark.django_db
def test_train_matcher_writes_weights_that_the_matcher_reads(tmp_path, here):
    folder = learnable(tmp_path)
    out = io.StringIO()
    weights = tmp_path / "2026-12-01.json"
    call_command(
        "train_matcher", folder, out=weights, vectors=tmp_path, words_only=True, stdout=out
    )
    figures = json.loads(out.getvalue())
    assert figures["needs"] == 12 and figures["ordered_held_back"] > 0.9
    assert read(weights).version == "2026-12-01"


def test_train_matcher_says_what_it_lacks(tmp_path):
    with pytest.raises(CommandError, match="Name folders"):
        call_command("train_matcher")
    with pytest.raises(CommandError, match="is missing"):
        call_command("train_matcher", tmp_path, words_only=True)


def learnable(folder):
    """Twelve needs with one technology each that says the same in other words."""
    subjects = "loom camera|cell sniffer|pump drive|hull crawler|brick powder|titanium spindle|" \
        "sewer radar|ozone lamp|rice sorter|valve jet|tile press|fibre mattress"  # fmt: skip
    needs, offers, qrels = [], [], ["need\toffer\tgrade"]
    for number, subject in enumerate(subjects.split("|")):
        needs.append(
            {
                "id": f"n{number}",
                "lang": "en",
                "title": f"Wanted: a {subject}",
                "text": f"We look for a {subject} that works day and night.",
            }
        )
        offers.append(
            {
                "id": f"o{number}",
                "lang": "en",
                "title": f"A {subject} of new design",
                "text": f"This {subject} was tried for a year in three plants.",
            }
        )
        qrels.append(f"n{number}\to{number}\t1")
    for name, rows in (("needs", needs), ("offers", offers)):
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    (folder / "qrels.tsv").write_text("\n".join(qrels) + "\n")
    return folder
