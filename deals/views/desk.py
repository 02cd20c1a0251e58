"""The broker's desk: requests to take up, pairs to bring together, one's own introductions."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.queries.people import qualified_ids
from deals import states
from deals.actions.brokers import claim, refuse_unless_broker
from deals.actions.opening import open_by_hand
from deals.models import Introduction, Side, State
from deals.queries import lists
from deals.queries.my_day import my_day
from deals.queries.pairs import pairs_of, with_people
from deals.queries.visibility import brokering_organisations, claimable_by, visible_to
from deals.views.gates import signed_in
from listings.queries.visibility import published_for
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.gates import get_visible

BOARD = (State.WITH_BROKER, State.IN_TALKS)
BOARD_SIZE = 60


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    actor = signed_in(request)
    refuse_unless_broker(actor)
    mine = lists.as_side(visible_to(actor), Side.BROKER, actor)
    live = pairs_of(
        list(with_people(mine.exclude(state=states.CLOSED).order_by("-updated_at"))[:BOARD_SIZE]),
        actor,
    )
    closed = pairs_of(
        list(with_people(mine.filter(state=states.CLOSED).order_by("-closed_at"))[:6]), actor
    )
    columns = [
        (str(state.label), [pair for pair in live if pair.introduction.state == state])
        for state in BOARD
    ]
    columns.append((str(State.CLOSED.label), closed))
    today = timezone.localdate()
    return render(
        request,
        "deals/desk.html",
        {
            "today": today,
            "greeting": _greeting(timezone.localtime().hour) % {"name": str(request.user)},
            "waiting": [
                pair for pair in live if any(step.side == Side.BROKER for step in pair.my_turn)
            ],
            "day": my_day(actor),
            "requests": lists.requests_for(actor),
            "triage": lists.triage_for(actor),
            "columns": columns,
            "institutions": list(brokering_organisations(actor)),
            "is_qualified": actor.user_id in qualified_ids({actor.user_id or 0}, today),
        },
    )


@require_POST
def claim_request(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a request up."""
    actor = signed_in(request)
    wanted = claimable_by(actor).filter(public_id=public_id).first()
    if wanted is None:
        # perhaps another was quicker: the action says so to brokers, and nothing to others
        wanted = get_visible(
            Introduction.objects.filter(broker_asked_at__isnull=False), public_id=public_id
        )
    try:
        introduction = claim(actor=actor, introduction_id=wanted.pk)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("desk")
    messages.success(request, _("It is yours. Both sides were told; write to them."))
    return redirect("introduction", introduction.public_id)


@require_POST
def bring_together(request: HttpRequest) -> HttpResponse:
    """Open an introduction of a matched pair."""
    actor = signed_in(request)
    seen = published_for(actor)
    need = get_visible(seen, public_id=request.POST.get("need", "")[:10])
    technology = get_visible(seen, public_id=request.POST.get("technology", "")[:10])
    try:
        introduction, _new = open_by_hand(actor=actor, need_id=need.pk, technology_id=technology.pk)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("desk")
    messages.success(request, _("Both sides were told. Write to them what happens next."))
    return redirect("introduction", introduction.public_id)


def _greeting(hour: int) -> str:
    if hour < 12:
        return _("Good morning, %(name)s")
    return _("Good afternoon, %(name)s") if hour < 18 else _("Good evening, %(name)s")
