"""How often one may ask: the model reads the text each time, and near-copies must not be cheap."""

from django.http import HttpRequest
from django.utils.translation import ngettext

from marketplace.core import rates


class AskRate(rates.ActorRate):
    scope = "ask"


def check_rate(request: HttpRequest) -> None:
    """Count a question of a page. Raises Throttled."""
    rates.count(AskRate(), request, "asked_too_often", _words)


def _words(seconds: int) -> str:
    return ngettext(
        "You ask very often. Your text is still here: try again in %(number)s second.",
        "You ask very often. Your text is still here: try again in %(number)s seconds.",
        seconds,
    ) % {"number": seconds}
