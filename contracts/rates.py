"""How often certificates may be checked by one address: codes are not to be tried out."""

from django.http import HttpRequest
from django.utils.translation import ngettext

from marketplace.core import rates


class CheckRate(rates.ActorRate):
    scope = "certificate_check"


def count_check(request: HttpRequest) -> None:
    """Count a check on a page. Raises Throttled."""
    rates.count(CheckRate(), request, "checked_too_often", _words)


def _words(seconds: int) -> str:
    return ngettext(
        "Too many checks from here. Try again in %(number)s second.",
        "Too many checks from here. Try again in %(number)s seconds.",
        seconds,
    ) % {"number": seconds}
