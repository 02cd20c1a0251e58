"""Check before you submit: screen a draft, a text or an own listing. Nothing is stored."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.views.decorators.http import require_http_methods, require_POST

from contracts.forms.screening import MAX_LISTINGS, ScreeningForm
from contracts.labels import fact_label
from contracts.models import Contract
from contracts.queries import screening as queries
from contracts.queries.visibility import is_of_parties
from contracts.rates import ScreenRate, count_check
from contracts.screening.matching import Piece
from contracts.views.gates import contract_of, signed_in
from listings.changes import LABELS
from listings.models import Listing
from listings.queries.visibility import editable_by
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound


@require_http_methods(["GET", "POST"])
def screening_page(request: HttpRequest) -> HttpResponse:
    """A text by POST, since it is nobody's business and addresses are logged."""
    actor = signed_in(request)
    listings = own_technologies(actor)
    form = ScreeningForm(request.POST if request.method == "POST" else None, listings=listings)
    result = None
    if form.is_bound and form.is_valid():
        count_check(request, ScreenRate())
        given = form.cleaned_data
        listing = next((one for one in listings if one.public_id == given.get("listing")), None)
        pieces, fields = pieces_of(given["text"], given["field"], listing)
        result = queries.check(pieces, fields, [given["direction"]], timezone.localdate())
    return _private(
        render(
            request,
            "contracts/screening/check.html",
            {"form": form, "result": result, "hits": hits_shown(result.hits) if result else []},
            status=422 if form.is_bound and not form.is_valid() else 200,
        )
    )


@require_POST
def check_draft(request: HttpRequest, public_id: str) -> HttpResponse:
    """What screening would find in a draft's facts, for its parties."""
    actor, contract = contract_of(request, public_id)
    if not is_of_parties(contract, actor):
        raise NotFound
    count_check(request, ScreenRate())
    today = timezone.localdate()
    result = queries.check_draft(contract, today)
    return _private(
        render(
            request,
            "contracts/screening/draft.html",
            {
                "contract": contract, "result": result, "hits": hits_shown(result.hits),
                "standing": queries.standing(contract, today),
                "files": queries.readable(contract),
            },
        )
    )  # fmt: skip


def own_technologies(actor: Actor) -> list[Listing]:
    """Technologies that the actor may change, the newest first."""
    rows = editable_by(actor).filter(kind="technology", revision_of__isnull=True)
    return list(rows.order_by("-id")[:MAX_LISTINGS])


def pieces_of(text: str, field: str, listing: Listing | None) -> tuple[list[Piece], set[str]]:
    """What to screen, and of which fields it is."""
    pieces = [Piece(text, fact="text")] if text.strip() else []
    fields = {field}
    if listing is not None:
        pieces += [
            Piece(said, fact=name)
            for name in queries.LISTING_TEXTS
            if (said := getattr(listing, name))
        ]
        words = [*listing.keywords_en, *listing.keywords_zh]
        pieces += [Piece("; ".join(words), fact="keywords_en")] if words else []
        fields |= {listing.field, listing.sub_field, *listing.more_fields}
    return pieces, fields - {""}


def context_of(contract: Contract, actor: Actor, *, opens_files: bool) -> Mapping[str, Any]:
    """What the page of a contract and the desk show of its screening. Hits quote files, so they
    are for whoever may open these."""
    standing = queries.standing(contract, timezone.localdate())
    return {
        "screening": standing,
        "screening_hits": hits_shown(standing.hits) if opens_files else [],
    }


def hits_shown(hits: Any) -> list[dict[str, Any]]:
    """Rows of a hit, its newest decision, and its reasons with the names of their places."""
    return [
        {
            "hit": hit,
            "decision": queries.decision_of(hit) if hit.pk else None,
            "reasons": [{**reason, "place": _place(reason)} for reason in hit.reasons],
        }
        for hit in hits
    ]


def _place(reason: Mapping[str, Any]) -> str | Promise:
    if reason["name"]:
        return str(reason["name"])
    name = str(reason["fact"])
    return "" if name == "text" else LABELS.get(name) or fact_label(name)


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response
