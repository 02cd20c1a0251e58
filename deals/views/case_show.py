"""What the page of a case shows; every step that comes back with errors shows it again."""

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _lazy

from contracts.models import Contract
from contracts.queries.visibility import visible_to as contracts_visible_to
from deals.forms import cases as case_forms
from deals.models import Case, Introduction
from deals.pipelines import Pipeline, Stage, pipeline
from deals.queries.case_board import cards, client_name
from deals.queries.cases import (
    OPEN_FIRST,
    colleagues_of,
    ids_of_people,
    listings_of,
    needs_of,
    readable_among,
    timeline_of,
    visible_to,
)
from deals.queries.referrals import of_case as referrals_of_case
from deals.queries.visibility import visible_to as introductions_visible_to
from deals.views.gates import signed_in
from listings.disclosure import disclosed_many
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from marketplace.core.codes.lists import FIELDS
from marketplace.core.gates import get_visible
from marketplace.core.regions import country_name
from matching.models import Match

NUMBER = re.compile(r"([0-9A-Z]{10})/?\s*$", re.IGNORECASE)  # alone, or at an address's end
TIES = {"introduction": _lazy("Introduction"), "contract": _lazy("Contract")}
NEAR = 20  # introductions and contracts that are offered for a tie


def own_case(request: HttpRequest, public_id: str) -> tuple[Actor, Case]:
    """A case of the actor's institution."""
    actor = signed_in(request)
    rows = visible_to(actor).select_related(
        "organisation",
        "responsible",
        "introduction",
        "contract",
        "match",
        "disclosure",
        "project",
    )
    return actor, get_visible(rows, public_id=public_id)


def _next_code(case: Case, line: Pipeline | None, stage: Stage | None) -> str:
    """The stage that a case is likely moved to: the next of its channel; its own at the end."""
    ahead = [
        one.code for one in (line.stages if line and stage else ())
        if stage and one.place > stage.place and one.channel in ("", stage.channel)
    ]  # fmt: skip
    return ahead[0] if ahead else case.stage


def back_to(actor: Actor, case: Case, place: str = "") -> HttpResponse:
    """To the case after a step; to one's list where the step took the case out of one's sight, as
    handing it over may. place: "#task"."""
    if case.pk not in readable_among(actor, [case.pk]):
        return redirect("cases")
    return redirect(f"{case.get_absolute_url()}{place}")


def show(
    request: HttpRequest, actor: Actor, case: Case, *, name: str = "", form: Any = None
) -> HttpResponse:
    """The page; `name` and `form` are those of a step that came back with errors."""
    line = pipeline(case.pipeline)
    stage = line.stage(case.stage) if line else None
    language = get_language() or "en"
    colleagues = colleagues_of(case.organisation_id)
    [card] = cards([case], language)
    their_pair = case.introduction
    if their_pair and not introductions_visible_to(actor).filter(pk=their_pair.pk).exists():
        their_pair = None
    contract = case.contract
    if contract and not contracts_visible_to(actor).filter(pk=contract.pk).exists():
        contract = None
    project = getattr(case, "project", None)
    context = {
        "project": project,
        "project_country": country_name(project.country, language) if project else "",
        "project_field": FIELDS.label(project.field, language) if project else "",
        "case": case, "card": card, "line": line, "stage": stage,
        "next_stage": _next_code(case, line, stage),
        "needs": needs_of(case, stage) if case.is_live else [],
        "tasks": case.tasks.select_related("assignee").order_by(*OPEN_FIRST),
        "clients": [
            (row, client_name(row, language))
            for row in case.clients.select_related("organisation").order_by("id")
        ],
        "listings": listings_of(case, actor),
        "contacts": case.contacts.order_by("id"),
        "timeline": timeline_of(case), "referrals": referrals_of_case(case),
        "introduction": their_pair, "contract": contract,
        "has_left": case.responsible_id not in ids_of_people(case.organisation_id),
        "note_form": case_forms.NoteForm(), "task_form": case_forms.TaskForm(people=colleagues),
        "client_form": case_forms.ClientForm(auto_id="client_%s"),
        "listing_form": case_forms.ListingForm(auto_id="listing_%s"),
        "contact_form": case_forms.ContactForm(auto_id="contact_%s"),
        "defer_form": case_forms.DeferForm(
            auto_id="defer_%s", initial={"version": case.version}
        ),
        "close_form": case_forms.CloseCaseForm(
            auto_id="close_%s", initial={"version": case.version}
        ),
        **_ties(actor, case, their_pair, contract),
        "opened": name, "today": timezone.localdate(),
    }  # fmt: skip
    if form is not None:
        context[f"{name}_form"] = form
    return render(request, "deals/cases/case.html", context, status=422 if form else 200)


def titles_of(pairs: Sequence[Introduction | Match], actor: Actor) -> dict[int, str]:
    """Titles that the actor may read, by the pair's key; what is hidden from it is left out."""
    listings = {one.pk: one for pair in pairs for one in (pair.need, pair.technology)}
    shown = disclosed_many(list(listings.values()), actor, detail=False)
    language = get_language() or "en"
    found = {}
    for pair in pairs:
        halves = [shown[pk] for pk in (pair.need_id, pair.technology_id) if pk in shown]
        titles = [pick(half, "title", language).value for half in halves]
        found[pair.pk] = " ↔ ".join(title[:90] for title in titles if title)
    return found


def _ties(
    actor: Actor, case: Case, introduction: Introduction | None, contract: Contract | None
) -> dict[str, Any]:
    """Forms for what it belongs to, and what is near: introductions of its listings and of its
    institution, contracts that are open to the person."""
    if not case.is_live:
        return {}
    about = case.listings.values("listing")
    pairs = list(
        introductions_visible_to(actor)
        .filter(Q(broker_organisation=case.organisation_id) | Q(need__in=about)
                | Q(technology__in=about))
        .select_related("need__owner", "technology__owner").order_by("-updated_at")[:NEAR]
    )  # fmt: skip
    titles = titles_of(pairs, actor)
    language = get_language() or "en"
    papers = contracts_visible_to(actor).only("public_id", "title_en", "title_zh")
    return {
        "introduction_form": case_forms.TieForm(
            auto_id="introduction_%s", label=TIES["introduction"],
            initial={"number": introduction.public_id if introduction else ""},
        ),
        "contract_form": case_forms.TieForm(
            auto_id="contract_%s", label=TIES["contract"],
            initial={"number": contract.public_id if contract else ""},
        ),
        "near": {
            "introduction": [(one.public_id, titles[one.pk]) for one in pairs],
            "contract": [
                (one.public_id, pick(one, "title", language).value)
                for one in papers.order_by("-id")[:NEAR]
            ],
        },
    }  # fmt: skip
