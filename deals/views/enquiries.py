"""Page: asking the other side of a match without a name."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from deals import states
from deals.actions.enquiries import ask_unnamed
from deals.forms.enquiries import EnquiryForm
from deals.models import Introduction
from deals.queries.enquiries import askable, asking_side, brokers_of
from deals.views.gates import signed_in
from listings.disclosure import disclosed
from listings.models import Listing
from marketplace.core import regions
from marketplace.core.bilingual import pick
from marketplace.core.codes import FIELDS
from marketplace.core.errors import DomainError, Invalid, NotFound
from marketplace.core.formatting import amount_text
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from matching.models import Match


@require_http_methods(["GET", "POST"])
def ask_unnamed_page(request: HttpRequest) -> HttpResponse:
    """`?match=` says from which pair; words that are refused come back as they were typed."""
    actor = signed_in(request)
    matches = askable(actor).select_related("need__owner", "technology__owner")
    match = get_visible(matches, public_id=request.GET.get("match", "")[:10])
    side = asking_side(match, actor)
    if not side:
        raise NotFound
    if (live := _live(match)) is not None:
        return redirect("introduction", live.public_id)
    own = match.need if side == "need" else match.technology
    about = match.technology if side == "need" else match.need
    form = EnquiryForm(request.POST or None, facts=_facts(own), brokers=_brokers(own))
    if request.method == "POST" and form.is_valid():
        try:
            made = ask_unnamed(
                actor=actor, match_id=match.pk, words=form.cleaned_data["words"],
                shows=form.cleaned_data.get("shows"),
                through=form.cleaned_data.get("through", ""),
            )  # fmt: skip
        except NotFound:
            raise
        except Invalid as error:
            add_domain_errors(form, error)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Asked without your name. The answer comes here."))
            return redirect("introduction", made.public_id)
    return render(
        request,
        "deals/enquiry.html",
        {
            "form": form, "about": disclosed(about, actor), "own": own,
            "match": match, "is_verified": own.owner_id in actor.verified_ids,
        },
        status=422 if form.errors else 200,
    )  # fmt: skip


def _live(match: Match) -> Introduction | None:
    """The introduction in which the two are talking already."""
    return (
        Introduction.objects.filter(need=match.need_id, technology=match.technology_id)
        .exclude(state=states.CLOSED)
        .first()
    )


def _facts(own: Listing) -> list[tuple[str, str]]:
    """What can be released of one's own listing, as the other side would read it."""
    found = []
    if own.field:
        found.append(("field", _("Field: %(name)s") % {"name": FIELDS.label(own.field)}))
    if own.country == "CN" and own.region:
        province = regions.name(f"{own.region[:2]}0000", get_language())
        found.append(("province", _("Province: %(name)s") % {"name": province}))
    amounts = [value for value in (own.price_min, own.price_max) if value is not None]
    if amounts:
        text = " – ".join(dict.fromkeys(amount_text(value, own.currency) for value in amounts))
        label = _("Price: %(amount)s") if own.kind == "technology" else _("Budget: %(amount)s")
        found.append(("price", label % {"amount": text}))
    return found


def _brokers(own: Listing) -> list[tuple[str, str]]:
    return [
        (one.public_id, pick(one, "name", get_language()).value) for one in brokers_of(own.owner_id)
    ]
