"""What may stand in a text field, held in one place for pages, API and imports."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _

from marketplace.core.errors import Message, field_error

# What XML cannot hold, control characters but tab and line ends; bidirectional overrides hide what
# a text says.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


NEEDED = _("This is needed.")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def without_xml_faults(text: str) -> str:
    """The text without the characters that no XML document may hold, for feeds and Excel files:
    some may have been stored before they were refused."""
    return _NO_XML.sub("", text)


def clean_text(value: str) -> str:
    """NFC, unified line ends, trimmed. Raises ValidationError on control characters."""
    if _FORBIDDEN.search(value):
        raise ValidationError(
            _("The text holds invisible control characters. Remove them and try again."),
            code="control_characters",
        )
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def words_of(field: str, text: str, limit: int = 4000, *, missing: Message = NEEDED) -> str:
    """What a person wrote beside a step, cleaned. missing: what is said where nothing stands; empty
    when it may be left out. Raises Invalid at the field."""
    try:
        found = clean_text(text)
    except ValidationError as error:
        raise field_error(field, error.messages[0]) from None
    if missing and not found:
        raise field_error(field, missing, code="required")
    if len(found) > limit:
        raise field_error(
            field, _("At most %(limit)s characters.") % {"limit": limit}, code="too_long"
        )
    return found


@deconstructible
class PlainTextValidator:
    """Refuses what `clean_text` refuses, for use on model fields."""

    def __call__(self, value: str) -> None:
        clean_text(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlainTextValidator)

    __hash__ = object.__hash__


plain_text = PlainTextValidator()
