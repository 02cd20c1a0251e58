"""Legal moves as a table. Nobody sets a status field except through one."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_lazy as _

from marketplace.core.errors import Conflict


class Transitions:
    """Moves of one state field: name -> (states it may start from, state it ends in)."""

    def __init__(self, moves: Mapping[str, tuple[Iterable[str], str]]) -> None:
        self._moves = {name: (frozenset(start), end) for name, (start, end) in moves.items()}

    def target(self, move: str, state: str) -> str:
        """The state that `move` leads to from `state`.

        Raises Conflict (code `wrong_state`) when the table does not allow it: call it under the
        row lock, with the state just read.
        """
        start, end = self._moves[move]
        if state not in start:
            raise Conflict(
                "wrong_state",
                _("This step is not possible from the present state. Reload to see what changed."),
            )
        return end

    def allowed(self, state: str) -> list[str]:
        """Names of the moves that may start from `state`, in the table's order."""
        return [name for name, (start, _end) in self._moves.items() if state in start]

    @property
    def moves(self) -> Mapping[str, tuple[frozenset[str], str]]:
        return self._moves
