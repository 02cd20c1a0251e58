"""The talks of the demo market go through the same actions as those of people."""

from typing import Any

import pytest

from deals.models import Introduction
from marketplace.core.models import Job
from marketplace.demo import talks
from marketplace.demo.entries import authored
from marketplace.demo.names import read
from tests.cast import Cast
from tests.deals import factories


def test_every_talk_is_about_an_authored_need() -> None:
    keys = {entry.row["key"] for entry in authored() if entry.kind == "need"}
    assert {talk["need"] for talk in read("talks.yaml")} <= keys


def played(cast: Cast, steps: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Any:
    made = factories.introduced(cast)
    monkeypatch.setattr(talks, "read", lambda name: [{"need": "x", "steps": steps}])
    monkeypatch.setattr(talks, "stable_id", lambda kind, key: made.need.public_id)
    talks.play(turn=0)
    return Introduction.objects.get(pk=made.pk)


def test_a_talk_is_played_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [
        {"by": "need", "says": "A question"},
        {"by": "technology", "says": "An answer"},
        {"by": "technology", "asks": True},
    ]
    introduction = played(cast, steps, monkeypatch)
    talks.play(turn=1)
    assert introduction.messages.count() == 2
    assert introduction.state == "in_talks"
    assert introduction.broker_asked_side == "technology"
    assert not Job.objects.filter(kind=talks.JOB).exists()


def test_a_talk_with_a_refused_step_leaves_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [{"by": "need", "says": "A question"}, {"by": "need", "says": " "}]
    assert not played(cast, steps, monkeypatch).messages.exists()


def test_a_talk_waits_for_its_introduction(db: None) -> None:
    talks.play(turn=0)
    assert Job.objects.get(kind=talks.JOB).payload == {"turn": 1}
