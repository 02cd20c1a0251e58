"""/cases/, /case-tasks/ and /case-views/."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contracts.queries.visibility import visible_to as contracts_visible_to
from deals.actions import case_bulk, case_endings, case_keeping, case_parts, case_tasks, cases
from deals.api import case_shapes as shapes
from deals.models import Case, CaseView
from deals.pipelines import all_pipelines, pipeline
from deals.queries import case_board as boards
from deals.queries.case_filters import NAMES, narrowed, wanted_from
from deals.queries.cases import (
    OPEN_FIRST,
    colleagues_of,
    own_institutions,
    parts_of,
    people_of,
    tasks_visible_to,
    timeline_of,
    visible_to,
    with_people,
)
from deals.queries.visibility import visible_to as introductions_visible_to
from marketplace.core.actor import Actor
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import NotFound, field_error
from marketplace.core.gates import get_visible
from matching.queries.visibility import visible_to as matches_visible_to

SCOPES: dict[str, str] = {"read": "cases:read", "write": "cases:write"}
FILTERS = [
    OpenApiParameter(name, OpenApiTypes.STR)
    for name in NAMES
    if name != "sort"
]  # fmt: skip


def _fresh(case: Case, actor: Actor) -> Case:
    """With what the answer names; an introduction or contract that this person may not see is not
    named."""
    found = with_people(Case.objects.select_related("introduction", "contract", "project")).get(
        pk=case.pk
    )
    hide_ties([found], actor)
    return found


def hide_ties(rows: list[Case], actor: Actor) -> None:
    """Two queries for all."""
    pairs = {row.introduction_id for row in rows if row.introduction_id}
    seen = set(introductions_visible_to(actor).filter(pk__in=pairs).values_list("pk", flat=True))
    papers = {row.contract_id for row in rows if row.contract_id}
    known = set(contracts_visible_to(actor).filter(pk__in=papers).values_list("pk", flat=True))
    for row in rows:
        if row.introduction_id not in seen:
            row.introduction = None
        if row.contract_id not in known:
            row.contract = None


class CaseViewSet(GatedViewSet):
    """Cases of your institution. For its owners, brokers and editors; for nobody else."""

    serializer_class = shapes.CaseSerializer
    visible = staticmethod(visible_to)
    required_scopes = SCOPES

    @extend_schema(parameters=FILTERS)
    def list(self, request: Request) -> Response:
        """Newest first; open ones unless `state` says otherwise (deferred, closed, live, all)."""
        wanted = wanted_from(request.query_params)
        rows = with_people(narrowed(self.get_queryset(), wanted, self.actor))
        page = (
            self.paginate_queryset(rows.select_related("introduction", "contract", "project")) or []
        )
        hide_ties(list(page), self.actor)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self._answer(self.get_object())

    @extend_schema(
        request=shapes.CaseOpenSerializer,
        responses={200: shapes.CaseSerializer, 201: shapes.CaseSerializer},
        examples=[OpenApiExample("By hand", request_only=True, value={
            "title": "Coating for 300 °C", "pipeline": "need_brokerage", "value": "1200000",
        })],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """Open a case, by hand or of an introduction or a match. 200 when one of it is open."""
        given = self._given(shapes.CaseOpenSerializer)
        tti = given.pop("organisation")
        found = get_visible(own_institutions(self.actor), public_id=tti) if tti else None
        introduction, match = given.pop("introduction"), given.pop("match")
        made, is_new = cases.open_case(
            actor=self.actor, organisation_id=found.pk if found else None,
            facts=self._people(given, found.pk if found else None),
            introduction=get_visible(
                introductions_visible_to(self.actor).select_related("need", "technology"),
                public_id=introduction,
            ) if introduction else None,
            match=get_visible(matches_visible_to(self.actor), public_id=match) if match else None,
        )  # fmt: skip
        return self._answer(made, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    @extend_schema(request=shapes.CaseChangeSerializer, responses=shapes.CaseSerializer)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Change what you name; stages and states have steps of their own."""
        found: Case = self.get_object()
        given = shapes.CaseChangeSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return self._answer(
            cases.change_case(
                actor=self.actor, case_id=found.pk, expected_version=self.expected_version(),
                facts=self._people(dict(given.validated_data), found.organisation_id),
            )
        )  # fmt: skip

    @extend_schema(request=shapes.CaseMoveSerializer, responses=shapes.CaseSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, public_id: str) -> Response:
        """To another stage of its pipeline; 409 while something is missing that blocks."""
        return self._step(cases.move_case, shapes.CaseMoveSerializer)

    @extend_schema(request=shapes.CaseDeferSerializer, responses=shapes.CaseSerializer)
    @action(detail=True, methods=["post"])
    def defer(self, request: Request, public_id: str) -> Response:
        """Put it aside until a day on which it wakes by itself."""
        return self._step(case_endings.defer_case, shapes.CaseDeferSerializer)

    @extend_schema(request=None, responses=shapes.CaseSerializer)
    @action(detail=True, methods=["post"])
    def wake(self, request: Request, public_id: str) -> Response:
        """Take a deferred case up now."""
        return self._step(case_endings.wake_case)

    @extend_schema(request=shapes.CaseCloseSerializer, responses=shapes.CaseSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, public_id: str) -> Response:
        """End it with the outcome and a reason that goes with it."""
        return self._step(case_endings.close_case, shapes.CaseCloseSerializer)

    @extend_schema(request=None, responses=shapes.CaseSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, public_id: str) -> Response:
        """Go on with a closed case."""
        return self._step(case_endings.reopen_case)

    @extend_schema(request=shapes.CaseTieSerializer, responses=shapes.CaseSerializer)
    @action(detail=True, methods=["post"])
    def tie(self, request: Request, public_id: str) -> Response:
        """Tie it to an introduction or a contract that you see."""
        found: Case = self.get_object()
        given = self._given(shapes.CaseTieSerializer)
        tied = case_parts.tie_case(
            actor=self.actor, case_id=found.pk, kind=given["to"], public_id=given["id"]
        )
        return self._answer(tied)

    @extend_schema(responses=shapes.CaseEventSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def timeline(self, request: Request, public_id: str) -> Response:
        """What happened and was noted, newest first, the last 200 of each."""
        lines = timeline_of(self.get_object())
        return Response(shapes.CaseEventSerializer(lines, many=True).data)

    @extend_schema(
        request=shapes.CaseNoteSerializer, responses={201: shapes.CaseNoteSerializer}, filters=False
    )
    @action(detail=True, methods=["post"])
    def notes(self, request: Request, public_id: str) -> Response:
        """Write an internal note."""
        found: Case = self.get_object()
        given = self._given(shapes.CaseNoteSerializer)
        made = case_parts.write_note(actor=self.actor, case_id=found.pk, body=given["body"])
        return Response(shapes.CaseNoteSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        methods=["get"], responses=shapes.CasePartReadSerializer(many=True), filters=False,
        description="Clients, listings and contacts, in this order.",
    )  # fmt: skip
    @extend_schema(
        methods=["post"], request=shapes.CasePartSerializer,
        responses={201: shapes.RemoveCasePartSerializer}, filters=False,
        description="Add a client, a listing or a contact.",
    )  # fmt: skip
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def parts(self, request: Request, public_id: str) -> Response:
        found: Case = self.get_object()
        if request.method == "GET":
            rows = parts_of(found, self.actor, get_language() or "en")
            return Response(shapes.CasePartReadSerializer(rows, many=True).data)
        given = self._given(shapes.CasePartSerializer)
        one: dict[str, Any] = {"actor": self.actor, "case_id": found.pk}
        kind = given["kind"]
        made: Any
        if kind == "clients":
            made = case_parts.add_client(
                organisation=given["organisation"], name=given["name"], **one
            )
        elif kind == "listings":
            made = case_parts.add_listing(listing=given["listing"], **one)
        else:
            names = ("name", "role", "mail", "phone")
            made = case_parts.add_contact(**{name: given[name] for name in names}, **one)
        return Response({"kind": kind, "id": made.public_id}, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.RemoveCasePartSerializer, responses={204: None}, filters=False)
    @action(detail=True, methods=["post"], url_path="remove-part")
    def remove_part(self, request: Request, public_id: str) -> Response:
        """Take a client, a listing or a contact off."""
        found: Case = self.get_object()
        given = self._given(shapes.RemoveCasePartSerializer)
        case_parts.remove_part(
            actor=self.actor, case_id=found.pk, kind=given["kind"], public_id=given["id"]
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        methods=["get"], responses=shapes.CaseTaskSerializer(many=True), filters=False,
        description="Open ones first, by date.",
    )  # fmt: skip
    @extend_schema(
        methods=["post"], request=shapes.WriteCaseTaskSerializer,
        responses={201: shapes.CaseTaskSerializer}, description="Add a task.",
    )  # fmt: skip
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def tasks(self, request: Request, public_id: str) -> Response:
        found: Case = self.get_object()
        if request.method == "POST":
            given = self._given(shapes.WriteCaseTaskSerializer)
            facts = {"title": "", **assigned(given, found.organisation_id)}
            made = case_tasks.add_task(actor=self.actor, case_id=found.pk, facts=facts)
            return Response(shapes.CaseTaskSerializer(made).data, status=status.HTTP_201_CREATED)
        rows = found.tasks.select_related("assignee", "case").order_by(*OPEN_FIRST)
        return Response(shapes.CaseTaskSerializer(rows, many=True).data)

    # --- Many -----------------------------------------------------------------------------------

    @extend_schema(
        request=shapes.CaseBulkSerializer, responses=shapes.CaseBulkReportSerializer, filters=False
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """One step for up to 200 cases. Each is done on its own: look at `refused`."""
        given = self._given(shapes.CaseBulkSerializer)
        people = people_of(self.actor.organisation_ids)
        by_id = {one.public_id: one.pk for found in people.values() for one in found}
        report = case_bulk.change_many(
            actor=self.actor, step=given["step"], stage=given["stage"],
            responsible=by_id.get(given["responsible"]), next_action_on=given["next_action_on"],
            outcome=given["outcome"], reason=given["reason"],
            marked=[case_bulk.MarkedCase(one["id"], one["version"]) for one in given["cases"]],
        )  # fmt: skip
        return Response(
            {
                "done": [case.public_id for case in report.done],
                "refused": shapes.CaseNotDoneSerializer(report.refused, many=True).data,
            }
        )

    @extend_schema(
        parameters=FILTERS, responses=shapes.CaseColumnSerializer(many=True), filters=False
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def board(self, request: Request) -> Response:
        """Counts and sums by stage of one pipeline (`pipeline`, needed)."""
        line = pipeline(request.query_params.get("pipeline", "")[:30])
        if line is None:
            raise field_error("pipeline", "Name a pipeline.", code="unknown_code")
        rows = narrowed(self.get_queryset(), wanted_from(request.query_params), self.actor)
        found = boards.totals(rows, line)
        return Response(shapes.CaseColumnSerializer(found, many=True).data)

    @extend_schema(responses=shapes.CaseBarrierSerializer(many=True), filters=False)
    @action(detail=False, methods=["get"], pagination_class=None)
    def barriers(self, request: Request) -> Response:
        """Lost and declined cases by reason and year."""
        found = boards.barriers(self.get_queryset())
        return Response(
            [
                {"reason": reason, "year": year, "count": count}
                for reason, _label, counts, _sum in found.rows
                for year, count in zip(found.years, counts, strict=True)
                if count
            ]
        )

    @extend_schema(responses=shapes.CasePipelineSerializer(many=True), filters=False)
    @action(detail=False, methods=["get"], pagination_class=None)
    def pipelines(self, request: Request) -> Response:
        """The pipelines there are, with their stages."""
        return Response(shapes.CasePipelineSerializer(all_pipelines().values(), many=True).data)

    # --- Shared ---------------------------------------------------------------------------------

    def _given(self, shape: Any) -> dict[str, Any]:
        given = shape(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _people(self, given: dict[str, Any], organisation_id: int | None) -> dict[str, Any]:
        """`responsible` as a user's id; one who is none of them is refused by the action."""
        if "responsible" in given:
            ids = [organisation_id] if organisation_id else sorted(self.actor.organisation_ids)
            by_id = {one.public_id: one.pk for found in people_of(ids).values() for one in found}
            given["responsible"] = by_id.get(given["responsible"], 0)
        return given

    def _step(self, act: Any, shape: Any = None) -> Response:
        found: Case = self.get_object()
        given = self._given(shape) if shape else {}
        return self._answer(
            act(
                actor=self.actor, case_id=found.pk, expected_version=self.expected_version(),
                **given,
            )
        )  # fmt: skip

    def _answer(self, case: Case, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(_fresh(case, self.actor)).data, status=code)


def assigned(given: dict[str, Any], organisation_id: int) -> dict[str, Any]:
    """`assignee` as a user's id; one who is no colleague is refused by the action."""
    if given.get("assignee"):
        by_id = {one.public_id: one.pk for one in colleagues_of(organisation_id)}
        given["assignee"] = by_id.get(given["assignee"], 0)
    return given


class CaseTaskViewSet(GatedViewSet):
    """Tasks of the cases of your institution."""

    serializer_class = shapes.CaseTaskSerializer
    visible = staticmethod(tasks_visible_to)
    required_scopes = SCOPES

    def get_queryset(self) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset()
        return found.select_related("case", "assignee")

    @extend_schema(
        parameters=[OpenApiParameter("mine", OpenApiTypes.STR, enum=["1"])], filters=False
    )
    def list(self, request: Request) -> Response:
        """Those that are not done, newest first; `mine=1`: yours alone."""
        rows = self.get_queryset().filter(done_at__isnull=True)
        if request.query_params.get("mine") == "1":
            rows = rows.filter(assignee_id=self.actor.user_id)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=shapes.WriteCaseTaskSerializer, responses=shapes.CaseTaskSerializer)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Change title, assignee or date."""
        found = self.get_object()
        given = shapes.WriteCaseTaskSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        made = case_tasks.change_task(
            actor=self.actor, task_id=found.pk, expected_version=self.expected_version(),
            facts=assigned(dict(given.validated_data), found.case.organisation_id),
        )  # fmt: skip
        return Response(self.get_serializer(made).data)

    @extend_schema(request=None, responses=shapes.CaseTaskSerializer)
    @action(detail=True, methods=["post"])
    def done(self, request: Request, public_id: str) -> Response:
        """Mark it as done."""
        made = case_tasks.finish_task(actor=self.actor, task_id=self.get_object().pk)
        return Response(self.get_serializer(made).data)

    @extend_schema(request=None, responses=shapes.CaseTaskSerializer)
    @action(detail=True, methods=["post"])
    def undone(self, request: Request, public_id: str) -> Response:
        """Mark it as not done after all."""
        made = case_tasks.finish_task(actor=self.actor, task_id=self.get_object().pk, done=False)
        return Response(self.get_serializer(made).data)


def views_of(actor: Actor) -> QuerySet[CaseView]:
    """A person's own."""
    if actor.user_id is None:
        raise NotFound
    return CaseView.objects.filter(user_id=actor.user_id)


class CaseViewViewSet(mixins.ListModelMixin, GatedViewSet):
    """Lists and boards that you keep, by name."""

    serializer_class = shapes.CaseViewSerializer
    visible = staticmethod(views_of)
    required_scopes = SCOPES

    def create(self, request: Request) -> Response:
        """Keep one; the same name takes the place of the old one."""
        given = shapes.CaseViewSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        made = case_keeping.save_view(
            actor=self.actor, name=values["name"], page=values["page"],
            query=values.get("query", ""),
        )  # fmt: skip
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, public_id: str) -> Response:
        case_keeping.delete_view(actor=self.actor, public_id=public_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
