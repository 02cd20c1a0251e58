"""Who asks: one value that every query and action takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a token of a person, a visitor, or the system itself.

    roles: organisation id -> roles the person holds there.
    verified_ids: those of these organisations that an operator has verified.
    scopes: what a token may do; None means a signed-in session, which may do all the person may.
    """

    user_id: int | None = None
    language: str = "en"
    is_operator: bool = False
    is_moderator: bool = False
    is_system: bool = False
    roles: Mapping[int, frozenset[str]] = field(default_factory=dict)
    verified_ids: frozenset[int] = frozenset()
    scopes: frozenset[str] | None = None
    token_id: int | None = None
    request_id: str = ""

    @staticmethod
    def visitor(language: str = "en") -> "Actor":
        return Actor(language=language)

    @staticmethod
    def system() -> "Actor":
        """Background work: sees and does everything; never built from a request."""
        return Actor(is_system=True)

    @property
    def is_authenticated(self) -> bool:
        return self.user_id is not None

    @property
    def organisation_ids(self) -> frozenset[int]:
        return frozenset(self.roles)

    @property
    def is_verified_member(self) -> bool:
        """Whether the tier "members" is open to this actor."""
        return bool(self.verified_ids) or self.is_system

    def can(self, organisation_id: int | None, *wanted: str) -> bool:
        """Whether the actor holds one of the wanted roles there; an owner holds them all."""
        if self.is_system:
            return True
        held = self.roles.get(organisation_id, frozenset()) if organisation_id else frozenset()
        return "owner" in held or bool(held & frozenset(wanted))

    def ids_with(self, *wanted: str) -> frozenset[int]:
        """Organisations in which `can` is true for one of the wanted roles."""
        return frozenset(pk for pk in self.roles if self.can(pk, *wanted))

    def has_scope(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes

    def with_request(self, request_id: str) -> "Actor":
        return replace(self, request_id=request_id)
