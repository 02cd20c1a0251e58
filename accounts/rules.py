"""Rules of this room that need no database."""

import datetime as dt
import ipaddress
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy as _

from accounts.models.memberships import Role
from marketplace.core.api.permissions import SCOPES
from marketplace.core.errors import Invalid, field_error

# What an operator has looked at when verifying: later changes need an operator.
IDENTITY = ("kind", "name_en", "name_zh", "country", "registration_code", "tti_type")
DESCRIPTION = ("about_en", "about_zh", "region", "website", "field_codes", "agreed_to_be_found")
WRITABLE = IDENTITY + DESCRIPTION

INVITATION_DAYS = 14
MAX_OPEN_INVITATIONS = 50
INVITE_AGAIN_AFTER = dt.timedelta(minutes=10)
INVITATIONS_A_DAY = {True: 100, False: 10}  # by whether the organisation is verified
MAX_TOKENS = 20
TOKEN_DAYS = 90
MAX_TOKEN_DAYS = 366
MAX_NETWORKS = 20
MAX_QUALIFICATIONS = 10
EXPIRY_WARNING_DAYS = 60

ROLE_HELP = {
    Role.OWNER: _("Does everything, also members, roles and verification."),
    Role.EDITOR: _("Posts and changes technologies and needs, answers matches."),
    Role.BROKER: _("Carries pairs to a deal: introductions, deal rooms, contracts."),
    Role.REGISTRAR: _("Examines and registers contracts at a registration point."),
    Role.ANALYST: _("Reads figures and exports them; changes nothing."),
}


def clean_roles(roles: Iterable[str], *, is_registration_point: bool) -> list[str]:
    """Known roles, once each, in the order of the list. Raises Invalid on `roles`."""
    wanted = set(roles)
    unknown = wanted - set(Role.values)
    if unknown:
        raise field_error(
            "roles",
            _("“%(role)s” is not a role.") % {"role": sorted(unknown)[0][:40]},
            code="unknown_code",
        )
    if not wanted:
        raise field_error("roles", _("Choose at least one role."), code="required")
    if Role.REGISTRAR in wanted and not is_registration_point:
        raise field_error(
            "roles",
            _("Only a registration point has registrars. An operator grants that standing."),
            code="no_registration_point",
        )
    return [role for role in Role.values if role in wanted]


def offered_roles(*, is_registration_point: bool) -> list[Role]:
    return [role for role in Role if role != Role.REGISTRAR or is_registration_point]


# --- Registration code --------------------------------------------------------------------------

_USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_LENGTH = 18


def is_social_credit_code(code: str) -> bool:
    """Whether the check character of a unified social credit code (GB 32100-2015) is right."""
    if len(code) != _USCC_LENGTH or any(sign not in _USCC_SIGNS for sign in code):
        return False
    total = sum(_USCC_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:-1]))
    return _USCC_SIGNS.index(code[-1]) == (31 - total % 31) % 31


def check_registration_code(*, country: str, kind: str, code: str) -> None:
    """Raises Invalid on `registration_code`. Empty is right: it is asked for when verifying."""
    if not code:
        return
    if kind == "individual":
        raise field_error(
            "registration_code",
            _("Leave this empty for a person: identity numbers are not kept."),
            code="not_for_persons",
        )
    if country == "CN" and not is_social_credit_code(code.upper()):
        raise field_error(
            "registration_code",
            _(
                "This is not a unified social credit code: it has 18 digits and capital letters, "
                "and its last one is a check character. Compare it with your certificate."
            ),
            code="bad_code",
        )


# --- Tokens ---------------------------------------------------------------------------------------


def clean_scopes(scopes: Iterable[str], *, held: frozenset[str] | None) -> list[str]:
    """Known scopes that the maker holds itself (None: all). Raises Invalid on `scopes`."""
    wanted = set(scopes)
    if not wanted:
        raise field_error("scopes", _("Choose at least one scope."), code="required")
    unknown = wanted - set(SCOPES)
    if unknown:
        raise field_error(
            "scopes",
            _("“%(scope)s” is not a scope.") % {"scope": sorted(unknown)[0][:40]},
            code="unknown_code",
        )
    if held is not None and not wanted <= held:
        raise field_error(
            "scopes", _("A token cannot give scopes that it does not have."), code="scope_missing"
        )
    return [scope for scope in SCOPES if scope in wanted]


def clean_networks(networks: Sequence[str]) -> list[str]:
    """Addresses or CIDR networks in their usual spelling. Raises Invalid on `allowed_networks`."""
    if len(networks) > MAX_NETWORKS:
        raise field_error(
            "allowed_networks",
            _("At most %(count)d networks.") % {"count": MAX_NETWORKS},
            code="too_many",
        )
    found: list[str] = []
    for text in networks:
        try:
            found.append(str(ipaddress.ip_network(text.strip(), strict=False)))
        except ValueError:
            raise field_error(
                "allowed_networks",
                _("“%(text)s” is not a network. Write 203.0.113.7 or 203.0.113.0/24.")
                % {"text": text.strip()[:50]},
                code="bad_network",
            ) from None
    return list(dict.fromkeys(found))


def clean_expiry(expires_at: dt.datetime | None, *, now: dt.datetime) -> dt.datetime:
    """When a token ends: as asked, within a year; after 90 days when nothing was asked."""
    if expires_at is None:
        return now + dt.timedelta(days=TOKEN_DAYS)
    if expires_at <= now:
        raise field_error("expires_at", _("Choose a time in the future."), code="past")
    if expires_at > now + dt.timedelta(days=MAX_TOKEN_DAYS):
        raise field_error("expires_at", _("A token lasts a year at most."), code="too_late")
    return expires_at


# --- Qualifications -------------------------------------------------------------------------------


def check_qualification_dates(
    *, issued_on: dt.date, expires_on: dt.date | None, today: dt.date
) -> None:
    """Raises Invalid on the date that is wrong."""
    fields: dict[str, list[object]] = {}
    if issued_on > today:
        fields["issued_on"] = [_("The issue cannot be in the future.")]
    if issued_on < dt.date(1980, 1, 1):
        fields["issued_on"] = [_("This is before there were technology brokers.")]
    if expires_on is not None and expires_on <= issued_on:
        fields["expires_on"] = [_("The expiry must be after the issue.")]
    if expires_on is not None and expires_on > today + dt.timedelta(days=366 * 50):
        fields["expires_on"] = [_("This is too far in the future.")]
    if fields:
        raise Invalid("bad_dates", _("Please correct what is marked below."), fields=fields)  # type: ignore[arg-type]
