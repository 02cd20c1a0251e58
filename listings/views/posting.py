"""Posting in steps. Every step saves what it holds; nothing here needs a script."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Organisation
from listings import states, steps
from listings.actions.drafts import create_draft, save_draft
from listings.actions.revisions import start_revision
from listings.coach import coach_stored
from listings.forms.pages import StepPage, page_for
from listings.forms.start import StartForm
from listings.metrics import metrics
from listings.models import Listing
from listings.rules import EDIT_ROLES
from listings.views import proposing
from listings.views.documents import documents_page
from listings.views.gates import own_listing, signed_in
from listings.views.preview import preview_context
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError, Invalid, NotFound, Stale
from marketplace.core.forms import add_domain_errors
from marketplace.core.units import COMMON
from marketplace.core.words import language_of


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Technology or need, and for which organisation."""
    actor = signed_in(request)
    owners = list(
        Organisation.objects.filter(pk__in=sorted(actor.ids_with(*EDIT_ROLES))).order_by("pk")
    )
    wanted = request.GET.get("kind")
    text = _plain_text((request.POST if request.method == "POST" else request.GET).get("text", ""))
    # A text of some length is private and comes with the session, not in an address.
    carried = str(request.session.get("asked_text", ""))
    form = StartForm(
        request.POST if request.method == "POST" else None,
        owners=owners,
        initial={"kind": wanted if wanted in ("technology", "need") else None},
    )
    if request.method == "POST" and form.is_valid():
        owner = form.cleaned_data["owner"]
        try:
            listing = create_draft(
                actor=actor, kind=form.cleaned_data["kind"], owner_id=owner.pk,
                data=_beginning(text, carried),
            )  # fmt: skip
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            request.session.pop("asked_text", None)
            return redirect(steps.url_of(listing, steps.KEYS[0]))
    drafts = Listing.objects.filter(
        owner__in=owners, state=states.DRAFT, revision_of__isnull=True
    ).order_by("-updated_at")[:5]
    return render(
        request,
        "listings/post/start.html",
        {"form": form, "owners": owners, "drafts": drafts, "text": text, "carried": carried},
        status=422 if form.is_bound else 200,
    )


def _beginning(text: str, carried: str) -> dict[str, str] | None:
    """What a draft begins with: a short text is its summary, a long one its description, too."""
    whole = text or carried
    if not whole:
        return None
    language, short = language_of(whole), _plain_text(whole)
    begun = {f"summary_{language}": short}
    return begun if len(whole) <= len(short) else {**begun, f"body_{language}": whole}


def _plain_text(text: str) -> str:
    """A question that found nothing, as the beginning of a summary."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]


def edit(request: HttpRequest, public_id: str) -> HttpResponse:
    """The step at which one goes on: of a published listing, of its revision."""
    _actor, listing = own_listing(request, public_id)
    if listing.state in states.REVISED:
        revision = Listing.objects.filter(revision_of=listing).first()
        if revision is None:
            return render(request, "listings/post/revise.html", {"listing": listing})
        listing = revision
    elif listing.state != states.DRAFT:
        return render(request, "listings/post/not_now.html", {"listing": listing})
    items = steps.for_display(listing)
    first = next((item["key"] for item in items if not item["done"]), steps.KEYS[-1])
    return redirect(steps.url_of(listing, str(first)))


@require_POST
def revise(request: HttpRequest, public_id: str) -> HttpResponse:
    """Start (or continue) the revision of a published listing."""
    actor, listing = own_listing(request, public_id)
    revision = start_revision(actor=actor, listing_id=listing.pk)
    return redirect(steps.url_of(revision, steps.KEYS[0]))


@require_http_methods(["GET", "POST"])
def edit_step(request: HttpRequest, public_id: str, key: str) -> HttpResponse:
    """One step: show it, save it, save it while one types."""
    actor, listing = own_listing(request, public_id)
    if steps.step_of(key) is None:
        raise NotFound
    if listing.state != states.DRAFT:
        return redirect("edit_listing_start", public_id=listing.public_id)
    if request.method == "POST" and key in ("documents", "preview"):
        return redirect(steps.url_of(listing, key))
    if key == "documents":
        return documents_page(request, listing)
    if request.method == "GET":
        extra = 1 if request.GET.get("extra") else 0
        return _show(request, actor, listing, key, page_for(key, listing, extra=extra))
    return _save(request, actor, listing, key)


def _save(request: HttpRequest, actor: Actor, listing: Listing, key: str) -> HttpResponse:
    data, edited = _edited(request.POST), list[int]()
    if key == "specifications":
        proposing.put_away(request, actor, listing)
        data, edited = proposing.with_rows(request, listing, data)
    page = page_for(key, listing, data)
    page.is_valid()
    if "edit" in data and edited:
        proposing.point_at(page, edited)
        return _show(request, actor, listing, key, page, shown=(str(data["edit"]),))
    if "autosave" in data:
        return _autosave(request, actor, listing, page)
    if page.is_valid():
        try:
            listing = save_draft(
                actor=actor, listing_id=listing.pk, data=page.content(),
                expected_version=_expected(request, listing),
            )  # fmt: skip
        except (Invalid, Stale) as error:
            page.place(error)
        else:
            _remember(request, listing)
            return _onward(request, listing, key)
    if "add" in data:
        page = page_for(key, listing, _with_row(data, page))
        page.is_valid()
    return _show(request, actor, listing, key, page, status=422)


def _onward(request: HttpRequest, listing: Listing, key: str) -> HttpResponse:
    if "add" in request.POST:
        return redirect(f"{steps.url_of(listing, key)}?extra=1#rows-end")
    if "remove" in request.POST:
        return redirect(f"{steps.url_of(listing, key)}#rows")
    if any(name in request.POST for name in (*proposing.BUTTONS, "edit")):
        return redirect(f"{steps.url_of(listing, key)}#proposals")
    if "next" in request.POST:
        return redirect(steps.url_of(listing, steps.next_key(key)))
    messages.success(request, _("The draft is saved."))
    return redirect("my_listings" if "leave" in request.POST else steps.url_of(listing, key))


def _autosave(request: HttpRequest, actor: Actor, listing: Listing, page: StepPage) -> HttpResponse:
    """Keep what is right already, and say what is not; answers with the coach."""
    data, problems = page.content(), page.problems()
    expected = _expected(request, listing)
    while data:
        try:
            listing = save_draft(
                actor=actor, listing_id=listing.pk, data=data, expected_version=expected
            )
        except Invalid as error:
            wrong = {name.split(".")[0] for name in error.fields} & set(data)
            problems += [str(m) for texts in error.fields.values() for m in texts]
            if not wrong:
                break
            data = {name: value for name, value in data.items() if name not in wrong}
        except Stale as error:
            problems = [str(error.message)]
            break
        else:
            _remember(request, listing)
            break
    return render(
        request,
        "listings/post/autosaved.html",
        {
            "listing": listing,
            "coaching": coach_stored(listing),
            "problems": list(dict.fromkeys(problems))[:3],
            "version": listing.version,
        },
    )


def _show(
    request: HttpRequest, actor: Actor, listing: Listing, key: str, page: StepPage,
    status: int = 200, shown: tuple[str, ...] = (),
) -> HttpResponse:  # fmt: skip
    step = steps.step_of(key)
    assert step is not None
    context: dict[str, Any] = {
        "listing": listing,
        "step": step,
        "lede": step.lede_for(listing),
        "items": steps.for_display(listing),
        "previous": steps.previous_key(key) and steps.url_of(listing, steps.previous_key(key)),
        "next_url": steps.url_of(listing, steps.next_key(key)),
        "page": page,
        "coaching": coach_stored(listing),
        "units": COMMON,
        "metrics": metrics(),
    }
    if key == "specifications":
        context |= proposing.proposals_context(listing, shown)
    if key == "preview":
        context |= preview_context(listing, actor, request.GET.get("as", "visitor"))
    response = render(request, f"listings/post/{key}.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


# --- Versions: two people, two tabs --------------------------------------------------------------


def _expected(request: HttpRequest, listing: Listing) -> int | None:
    """The version that this page has seen: the one it was made with, or saved last itself (an
    autosave may be on its way while one presses the button)."""
    posted = request.POST.get("version", "")
    if not posted.isdigit():
        return None
    saved: int = request.session.get("saved_versions", {}).get(str(listing.pk), 0)
    return max(int(posted[:9]), saved)


def _remember(request: HttpRequest, listing: Listing) -> None:
    saved = request.session.get("saved_versions", {})
    saved[str(listing.pk)] = listing.version
    request.session["saved_versions"] = dict(list(saved.items())[-20:])


# --- Rows: adding and removing without a script ---------------------------------------------------


def _edited(data: QueryDict) -> QueryDict:
    """The posted data, the row of a pressed `remove` button emptied (blank rows are not stored)."""
    prefix, _dash, index = data.get("remove", "").rpartition("-")
    if not prefix:
        return data
    copy = data.copy()
    for name in list(copy):
        if name.startswith(f"{prefix}-{index}-"):
            copy[name] = ""
    return copy


def _with_row(data: QueryDict, page: StepPage) -> QueryDict:
    """The posted data with room for one more row."""
    if page.rows is None:
        return data
    copy = data.copy()
    name = f"{page.rows.prefix}-TOTAL_FORMS"
    total = min(page.rows.total_form_count() + 1, page.rows.max_num)
    copy[name] = str(total)
    return copy
