"""Fields and scopes that several shapes of this room share."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from marketplace.core.codes.lists import CodeList, KnownCode

# Who may call what, by scope of the token.
OF_PARTIES: dict[str, str] = {"read": "contracts:read", "write": "contracts:write"}
# What stores nothing, though it is asked by POST.
TO_READ: dict[str, str] = {"read": "contracts:read", "write": "contracts:read"}
AT_THE_DESK: dict[str, str] = {"read": "registrar:write", "write": "registrar:write"}


def code_field(codes: CodeList, **kwargs: Any) -> serializers.CharField:
    """A code of a list that grows: the schema names the list instead of repeating it."""
    kwargs.setdefault("help_text", f"A code of the list {codes.name}, see `/codes/{codes.name}/`.")
    return serializers.CharField(max_length=40, validators=[KnownCode(codes.name)], **kwargs)


def money_field(**kwargs: Any) -> serializers.DecimalField:
    """An amount with two places, as it is shown; of what is taken see `paid_field`."""
    return serializers.DecimalField(max_digits=18, decimal_places=2, **kwargs)


def paid_field(**kwargs: Any) -> serializers.DecimalField:
    """An amount that somebody states: none is below zero."""
    return money_field(min_value=Decimal(0), **kwargs)
