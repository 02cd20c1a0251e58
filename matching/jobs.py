"""Work of this room that is done by workers. Every handler may run twice."""

import datetime as dt
from typing import Any

from marketplace.core.jobs import job
from matching.actions import digests, matching, rematch_turns, rematching, telling
from matching.asking.rarity import count_open_words
from matching.queries import changes


@job("matching.match_listing", queue="matching")
def match_listing(payload: dict[str, Any]) -> None:
    before = payload.get("before")
    matching.match_listing(
        listing_id=payload["listing"],
        repeat_before=dt.datetime.fromisoformat(before) if before else None,
    )


@job("matching.tell_people", queue="mail")
def tell_people(payload: dict[str, Any]) -> None:
    telling.tell_of_new(pairs=[(need, technology) for need, technology in payload["pairs"]])


@job("matching.count_words", queue="matching", every=dt.timedelta(hours=1))
def count_words(payload: dict[str, Any]) -> None:
    matching.take_stock()


@job("matching.complete_runs", queue="matching", every=dt.timedelta(minutes=10))
def complete_runs(payload: dict[str, Any]) -> None:
    matching.complete_runs()


@job("matching.count_open_words", queue="matching", every=dt.timedelta(hours=1))
def count_open(payload: dict[str, Any]) -> None:
    count_open_words()


@job("matching.keep_changes", queue="matching", every=dt.timedelta(hours=1))
def keep_changes(payload: dict[str, Any]) -> None:
    changes.forget_gone()
    changes.renumber_restored()


@job("matching.queue_digests", every=dt.timedelta(minutes=30))
def queue_digests(payload: dict[str, Any]) -> None:
    digests.queue_day()


@job("matching.digest_step")
def digest_step(payload: dict[str, Any]) -> None:
    digests.queue_step(dt.date.fromisoformat(payload["day"]))


@job("matching.mail_digest", queue="mail")
def mail_digest(payload: dict[str, Any]) -> None:
    digests.mail_digest(payload["person"], dt.date.fromisoformat(payload["day"]))


# --- The market anew. Planning is short turns that nobody waits for; so are the batches.


@job(
    "matching.notice_weights", queue="matching", every=dt.timedelta(hours=1), at_start=True,
)  # fmt: skip
def notice_weights(payload: dict[str, Any]) -> None:
    rematching.notice_weights()


@job(rematching.PLAN)
def plan_rematch(payload: dict[str, Any]) -> None:
    rematch_turns.plan(payload["rematch"])


@job(rematching.BATCH, queue="rematch")
def rematch_batch(payload: dict[str, Any]) -> None:
    rematch_turns.take_batch(payload["batch"])
