"""Domain errors: what actions raise. Pages and the API translate them in one place each."""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Message = str | Promise


class DomainError(Exception):
    """A refusal fit to show: a stable code, a sentence in the reader's language, field messages.

    fields: form or API field name -> messages; "" holds what belongs to no single field.
    """

    status = 400
    title: Message = _("This cannot be done")

    def __init__(
        self,
        code: str,
        message: Message,
        *,
        fields: Mapping[str, Sequence[Message]] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.fields: dict[str, list[Message]] = {k: list(v) for k, v in (fields or {}).items()}

    def __str__(self) -> str:
        return str(self.message)


class Invalid(DomainError):
    """The input is wrong; nothing was changed."""

    status = 400
    title = _("Please check what you entered")


class Unauthenticated(DomainError):
    status = 401
    title = _("Please sign in")


class Refused(DomainError):
    """The actor may see the object but not do this with it."""

    status = 403
    title = _("You may not do this")


class NotFound(DomainError):
    """Absent, or not for this actor: the two are never told apart."""

    status = 404
    title = _("Not found")

    def __init__(self, code: str = "not_found", message: Message | None = None) -> None:
        super().__init__(code, message or _("There is nothing here, or it is not open to you."))


class Conflict(DomainError):
    """The object is in a state that does not allow this, or somebody was quicker."""

    status = 409
    title = _("This is not possible now")


class Stale(DomainError):
    """The caller changed an older version than the stored one."""

    status = 412
    title = _("It has changed meanwhile")


class TooLarge(DomainError):
    status = 413
    title = _("Too large")


class Throttled(DomainError):
    status = 429
    title = _("Too many requests")


def field_error(name: str, message: Message, code: str = "invalid") -> Invalid:
    """An Invalid about one field."""
    return Invalid(code, message, fields={name: [message]})
