"""Background work of the roof."""

from typing import Any

from marketplace.core.jobs import job
from marketplace.demo import answers, rooms, talks


@job("demo.play_answers")
def play_answers(payload: dict[str, Any]) -> None:
    answers.play(turn=payload.get("turn", 0))


@job("demo.play_talks")
def play_talks(payload: dict[str, Any]) -> None:
    turn = payload.get("turn", 0)
    if turn == 0:
        rooms.play()
    talks.play(turn=turn)
