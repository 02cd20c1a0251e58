"""/requests/: asking an institution or an alliance for help, and answering."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from deals.actions import request_work
from deals.actions import requests as actions
from deals.api import request_shapes as shapes
from deals.models import LocatorAnswer, LocatorRequest
from deals.queries import requests as queries
from deals.queries.centres import person_named
from marketplace.core.api.viewsets import GatedViewSet

SCOPES: dict[str, str] = {"read": "requests:read", "write": "requests:write"}


class LocatorViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Requests for help of your organisations, and those that reach your institutions."""

    required_scopes = SCOPES
    serializer_class = shapes.LocatorSerializer
    filterset_class: Any = None
    visible = staticmethod(queries.visible_to)

    def get_queryset(self) -> Any:
        return queries.with_names(super().get_queryset())

    @extend_schema(request=shapes.LocatorWrite, responses={201: shapes.LocatorSerializer})
    def create(self, request: Request) -> Response:
        """Ask for help."""
        given = self._given(shapes.LocatorWrite)
        made = actions.ask_for_help(
            actor=self.actor, organisation=given.pop("organisation", ""), facts=given
        )
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(request=shapes.LocatorTakeWrite)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, public_id: str) -> Response:
        """Take it up for your institution."""
        return self._step(request_work.take_request, shapes.LocatorTakeWrite)

    @extend_schema(request=shapes.LocatorPassWrite, responses={204: None})
    @action(detail=True, methods=["post"], url_path="pass-on")
    def pass_on(self, request: Request, public_id: str) -> Response:
        """Pass it on to another institution of the alliance; you may not read it afterwards."""
        row: LocatorRequest = self.get_object()
        given = self._given(shapes.LocatorPassWrite)
        request_work.pass_on(
            actor=self.actor, request_id=row.pk, expected_version=self.expected_version(), **given
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=shapes.LocatorCloseWrite)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, public_id: str) -> Response:
        """Close your request and say how it went."""
        return self._step(actions.close_request, shapes.LocatorCloseWrite)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], url_path="draft-need")
    def draft_need(self, request: Request, public_id: str) -> Response:
        """Make a draft of a need of it, for the asker."""
        return self._step(request_work.draft_need)

    @extend_schema(request=shapes.LocatorCaseWrite, responses={201: shapes.LocatorCaseSerializer})
    @action(detail=True, methods=["post"], url_path="open-case")
    def open_case(self, request: Request, public_id: str) -> Response:
        """Open a case of your institution for it."""
        row: LocatorRequest = self.get_object()
        wanted = self._given(shapes.LocatorCaseWrite)["responsible"]
        case = request_work.open_request_case(
            actor=self.actor, request_id=row.pk, expected_version=self.expected_version(),
            responsible=person_named(row.institution_id or 0, wanted),
        )  # fmt: skip
        told = {"case": case.public_id, "docket": case.docket}
        return Response(shapes.LocatorCaseSerializer(told).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        methods=["get"], responses=shapes.LocatorAnswerSerializer(many=True), filters=False
    )
    @extend_schema(
        methods=["post"],
        request=shapes.LocatorAnswerWrite,
        responses={201: shapes.LocatorAnswerSerializer},
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def answers(self, request: Request, public_id: str) -> Response:
        """Answers, for the asker and the institution that has it; a POST writes one."""
        row: LocatorRequest = self.get_object()
        if request.method == "POST":
            made = request_work.answer_request(
                actor=self.actor, request_id=row.pk, expected_version=self.expected_version(),
                **self._given(shapes.LocatorAnswerWrite),
            )  # fmt: skip
            return Response(self._told([made])[0], status=status.HTTP_201_CREATED)
        return Response(self._told(queries.answers_shown(row, self.actor)))

    def _told(self, rows: list[LocatorAnswer]) -> Any:
        context = {"suggested": queries.suggested(rows, self.actor)}
        return shapes.LocatorAnswerSerializer(rows, many=True, context=context).data

    @extend_schema(responses=shapes.LocatorPassSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def passes(self, request: Request, public_id: str) -> Response:
        """From whom to whom it was passed on."""
        row: LocatorRequest = self.get_object()
        sees = queries.INSTITUTION in queries.sides_of(row, self.actor)
        rows = queries.passes_of(row)
        found = shapes.LocatorPassSerializer(rows, many=True, context={"sees_words": sees})
        return Response(found.data)

    def _given(self, shape: Any) -> dict[str, Any]:
        found = shape(data=self.request.data)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def _step(self, act: Callable[..., LocatorRequest], shape: Any = None) -> Response:
        row: LocatorRequest = self.get_object()
        given = self._given(shape) if shape else {}
        version = self.expected_version()
        return self._answer(
            act(actor=self.actor, request_id=row.pk, expected_version=version, **given)
        )

    def _answer(self, row: LocatorRequest, code: int = status.HTTP_200_OK) -> Response:
        fresh = queries.with_names(LocatorRequest.objects.filter(pk=row.pk)).get()
        return Response(self.get_serializer(fresh).data, status=code)
