"""How often one may have a message sent by hand: a market is no tool to knock at doors with."""

from django.http import HttpRequest
from django.utils.translation import ngettext

from marketplace.core import rates


class WebhookRate(rates.ActorRate):
    scope = "webhook"


def count_message(request: HttpRequest) -> None:
    """Count a test or another try that a page asks for. Raises Throttled."""
    rates.count(WebhookRate(), request, "sent_too_often", _words)


def _words(seconds: int) -> str:
    return ngettext(
        "Too many messages by hand. Try again in %(number)s second.",
        "Too many messages by hand. Try again in %(number)s seconds.",
        seconds,
    ) % {"number": seconds}
