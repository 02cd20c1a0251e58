"""Reading webhooks, and what may be sent to one."""

from django.db.models import Q, QuerySet

from events.kinds import KINDS, EventKind
from events.models import Event
from events.notices import GROUPS
from events.queries import events_visible_to
from events.webhooks.models import Webhook, WebhookDelivery
from marketplace.core.actor import Actor

TEST = "webhook.test"  # the kind of a test message; it is no event
# What concerns one person or the operators, and what would tell of the telling.
_NOT_SENT = (
    "account.", "token.", "qualification.", "search.", "source.", "rule_set.", "catalogue.",
    "webhook.", "match.rematch_", "listing.export_asked",
)  # fmt: skip
# What a new address is proposed: the life of a contract in the register.
PROPOSED = (
    "contract.submitted", "contract.returned", "contract.registered", "contract.refused",
    "contract.amended", "contract.cancelled", "contract.revoked",
)  # fmt: skip


def visible_to(actor: Actor) -> QuerySet[Webhook]:
    """Webhooks of the organisations that the actor owns, oldest first."""
    if actor.is_system:
        return Webhook.objects.order_by("id")
    return Webhook.objects.filter(organisation_id__in=sorted(actor.ids_with("owner"))).order_by(
        "id"
    )


def deliveries_visible_to(actor: Actor) -> QuerySet[WebhookDelivery]:
    """Messages to those webhooks, newest first."""
    return (
        WebhookDelivery.objects.filter(webhook__in=visible_to(actor).order_by())
        .select_related("event")
        .order_by("-id")
    )


def is_sent(kind: str) -> bool:
    """Whether webhooks may be told of a kind at all."""
    return kind in KINDS and not kind.startswith(_NOT_SENT)


def kinds_to_choose() -> dict[str, list[EventKind]]:
    """Group of notices -> its kinds, in the order of their declaration."""
    found: dict[str, list[EventKind]] = {code: [] for code in GROUPS}
    for kind in KINDS.values():
        if is_sent(kind.code):
            prefix = kind.code.split(".")[0]
            group = next((code for code, one in GROUPS.items() if prefix in one.prefixes), "other")
            found[group].append(kind)
    return {code: kinds for code, kinds in found.items() if kinds}


def told_of(event: Event) -> QuerySet[Webhook]:
    """Webhooks that want an event and may have it."""
    return Webhook.objects.filter(
        Q(organisation_id__in=event.organisation_ids), stopped="", kinds__contains=[event.kind]
    )


def may_have(webhook: Webhook, event: Event) -> bool:
    """The rule of the event list itself, asked as an owner of the organisation would."""
    reader = Actor(roles={webhook.organisation_id: frozenset({"owner"})}, user_id=0)
    return is_sent(event.kind) and events_visible_to(reader).filter(pk=event.pk).exists()
