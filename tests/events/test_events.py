"""Event rows: declared kinds, append-only, seen by whom they concern, names for colleagues only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction

from events import kinds
from events.actions import record
from events.models import Event
from events.queries import events_visible_to, history_of

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
KIND = "test.happened"


@pytest.fixture(autouse=True)
def _kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kinds.KINDS, KIND, kinds.EventKind(KIND, "It happened"))


def happen(cast: Cast) -> Event:
    return record(
        KIND, actor=cast.owner.actor, object_type="thing", object_id="T1",
        organisation_ids=[cast.home.pk, cast.outside.pk, None, cast.home.pk],
        before={"state": "a"}, after={"state": "b"},
    )  # fmt: skip


def test_an_undeclared_kind_is_refused(cast: Cast) -> None:
    with pytest.raises(LookupError):
        record("no.such", actor=cast.owner.actor)
    assert not Event.objects.exists()


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_change_an_event(cast: Cast, change: str) -> None:
    row = happen(cast)

    with pytest.raises(IntegrityError), transaction.atomic():
        if change == "update":
            Event.objects.filter(pk=row.pk).update(kind="other")
        else:
            Event.objects.filter(pk=row.pk).delete()

    assert Event.objects.get(pk=row.pk).kind == KIND


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("owner", True), ("colleague", True), ("outsider", True), ("rival", False),
        ("broker", False), ("newcomer", False), ("moderator", False), ("operator", True),
        ("visitor", False),
    ],
)  # fmt: skip
def test_events_are_seen_by_those_they_concern(cast: Cast, who: str, sees: bool) -> None:
    happen(cast)

    assert events_visible_to(getattr(cast, who).actor).exists() is sees


@pytest.mark.parametrize(
    ("who", "name"),
    [("owner", "Owner"), ("colleague", "Owner"), ("outsider", ""), ("operator", "Owner")],
)
def test_a_history_names_people_to_colleagues_only(cast: Cast, who: str, name: str) -> None:
    happen(cast)

    [line] = history_of("thing", "T1", actor=getattr(cast, who).actor)

    assert (line.label, line.who) == ("It happened", name)


def test_a_history_names_whom_the_caller_has_shown(cast: Cast) -> None:
    happen(cast)

    [line] = history_of("thing", "T1", actor=cast.outsider.actor, named=[cast.owner.user.pk])

    assert line.who == "Owner"
