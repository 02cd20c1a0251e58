"""What people are told of their webhooks."""

from django.utils.translation import gettext_lazy as _

from events.notices import declare

STOPPED = declare(
    "webhook.stopped",
    label=_("A webhook was stopped"),
    text=_("The webhook to %(host)s was stopped, since no message arrives there any more."),
    detail=_("Mend the receiver, then switch the webhook on again. What happened meanwhile is in "
             "the API."),
    mail="now",
)  # fmt: skip
