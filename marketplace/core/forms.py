"""Between Django's validation errors, domain errors and forms."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm, Field, HiddenInput
from django.utils.translation import gettext_lazy as _

from marketplace.core.errors import DomainError, Invalid
from marketplace.core.posted import seen_version


class SeenVersionField(Field):
    """The version that a page was made from, sent back by it. Never a fault of the person: one that
    is missing or cannot be read makes the step stale, as marketplace.core.posted says."""

    widget = HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False)

    def to_python(self, value: object) -> int:
        return seen_version(str(value or ""))


def invalid_from(error: ValidationError, *, code: str = "invalid", prefix: str = "") -> Invalid:
    """An Invalid with the messages of full_clean(); prefix names the row ("specifications.2.")."""
    if hasattr(error, "error_dict"):
        fields = {
            (prefix + name if name != NON_FIELD_ERRORS else prefix.rstrip(".")): messages
            for name, messages in error.message_dict.items()
        }
    else:
        fields = {prefix.rstrip("."): error.messages}
    return Invalid(code, _("Please correct what is marked below."), fields=fields)


def add_domain_errors(form: BaseForm, error: DomainError) -> None:
    """Put a domain error on a form: field messages at their fields, the rest on top."""
    placed = False
    for name, messages in error.fields.items():
        target = name if name in form.fields else None
        for message in messages:
            form.add_error(target, str(message))
            placed = True
    if not placed:
        form.add_error(None, str(error.message))
