import pytest

from marketplace.core.errors import Conflict
from marketplace.core.states import Transitions

DOOR = Transitions({"open": (["closed"], "open"), "close": (["open"], "closed")})


def test_legal_move_gives_the_next_state():
    assert DOOR.target("open", "closed") == "open"


def test_illegal_move_is_a_conflict_with_words():
    with pytest.raises(Conflict) as caught:
        DOOR.target("open", "open")
    assert caught.value.code == "wrong_state"
    assert str(caught.value)


def test_allowed_moves_follow_the_state():
    assert DOOR.allowed("open") == ["close"]
