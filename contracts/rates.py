"""How often certificates may be checked by one address: codes are not to be tried out. And how
often texts may be screened."""

from django.http import HttpRequest
from django.utils.translation import ngettext

from marketplace.core import rates


class CheckRate(rates.ActorRate):
    scope = "certificate_check"


class ScreenRate(rates.ActorRate):
    """Of texts and drafts that are screened and not stored."""

    scope = "screening"


def count_check(request: HttpRequest, rate: rates.ActorRate | None = None) -> None:
    """Count a check on a page, of certificates or as `rate` says. Raises Throttled."""
    rates.count(rate or CheckRate(), request, "checked_too_often", _words)


def _words(seconds: int) -> str:
    return ngettext(
        "Too many checks from here. Try again in %(number)s second.",
        "Too many checks from here. Try again in %(number)s seconds.",
        seconds,
    ) % {"number": seconds}
