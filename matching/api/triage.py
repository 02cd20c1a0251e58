"""/triage/: the brokers' desk."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.core.actor import Actor
from marketplace.core.api.pagination import NewestFirst
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.codes import FIELDS
from marketplace.core.errors import Refused, field_error
from matching.actions.bulk import MOST, Marked, answer_many
from matching.actions.proposals import propose
from matching.api import shapes
from matching.desk_rows import DeskRow, rows_of
from matching.forms_desk import listing_id, wanted_from
from matching.models import Answer, Level, Match, Reason, Side
from matching.models.matches import MAX_TEXT
from matching.models.proposals import MAX_NOTE
from matching.queries import desk as desks
from matching.queries.desk import WAITS
from matching.queries.inbox import with_listings
from matching.queries.visibility import for_institutions, tti_ids
from matching.readings import read
from matching.why import Stage, Why, why


class SideSerializer(serializers.Serializer[Any]):
    side = serializers.ChoiceField(choices=Side.choices)
    is_own = serializers.BooleanField(help_text="Of your own organisation; else a client's.")
    answer = serializers.ChoiceField(choices=Answer.choices, allow_blank=True)
    other_answer = serializers.ChoiceField(choices=Answer.choices, allow_blank=True)


class TriageSerializer(serializers.Serializer[DeskRow]):
    """A pair of the desk, with the sides that you may answer for."""

    match = shapes.MatchSerializer(source="reading")
    sides = SideSerializer(many=True)
    is_new = serializers.BooleanField(help_text="Since your last visit to the desk's page.")

    class Meta:
        model = Match


class MarkedSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(max_length=10)
    side = serializers.ChoiceField(
        choices=Side.choices, required=False, default="", allow_blank=True,
        help_text="For whom; needed when both sides are your clients.",
    )  # fmt: skip
    version = serializers.IntegerField(
        required=False, default=None, allow_null=True, help_text="The one you read."
    )


class BulkSerializer(serializers.Serializer[Any]):
    matches: "serializers.ListSerializer[Any]" = serializers.ListSerializer(
        child=MarkedSerializer(), allow_empty=False, max_length=MOST
    )
    answer = serializers.ChoiceField(choices=Answer.choices)
    reason = serializers.ChoiceField(
        choices=Reason.choices, required=False, default="", allow_blank=True,
        help_text="Wanted with `declined`, refused with the others.",
    )  # fmt: skip
    text = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=MAX_TEXT,
        help_text="A note for your client; wanted with the reason `other`.",
    )  # fmt: skip


class NotAnsweredSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    code = serializers.CharField()
    detail = serializers.CharField(source="message")


class ReportSerializer(serializers.Serializer[Any]):
    answered = serializers.ListField(child=serializers.CharField())
    both_interested = serializers.ListField(child=serializers.CharField())
    refused = NotAnsweredSerializer(many=True)


class PairSerializer(serializers.Serializer[Any]):
    need = serializers.CharField(max_length=10)
    technology = serializers.CharField(max_length=10)


class ProposeSerializer(PairSerializer):
    note = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=MAX_NOTE,
        help_text="Plain text that both sides read.",
    )  # fmt: skip


class FactorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.FloatField(help_text="0 to 1.")
    weight = serializers.FloatField()
    cost = serializers.FloatField(help_text="By how much it is short of its best.")
    is_said = serializers.BooleanField(help_text="False where the texts do not say.")


class WhySerializer(serializers.Serializer[Why]):
    stage = serializers.ChoiceField(choices=Stage.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    meaning = serializers.CharField()
    match = serializers.CharField(
        source="match.public_id", default=None, allow_null=True, help_text="Id, when it is listed."
    )
    places = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Side: place among the pairs of that listing that you see.",
    )
    has_closed = serializers.BooleanField(
        help_text="Closed texts took part; what they went into is left out."
    )
    factors = FactorSerializer(many=True)
    explanation = shapes.ExplanationSerializer(source="found", allow_null=True)


FILTERS = [
    OpenApiParameter("whose", OpenApiTypes.STR, description=(
        "`all`, `clients`, `client:ID` or `alliance:ID`; `clients` when you have any, else `all`."
    )),
    OpenApiParameter("level", OpenApiTypes.STR, enum=Level.values),
    OpenApiParameter("field", OpenApiTypes.STR, enum=[one.code for one in FIELDS]),
    OpenApiParameter("waits", OpenApiTypes.STR, enum=list(WAITS), description=(
        "`ours`: a client has not answered; `theirs`: it is interested, the other side is silent."
    )),
    OpenApiParameter("new", OpenApiTypes.STR, enum=["1"], description="Since your last visit."),
    OpenApiParameter("free", OpenApiTypes.STR, enum=["1"], description=(
        "Proposed by nobody, and without a broker."
    )),
]  # fmt: skip


def visible(actor: Actor) -> Any:
    """Open pairs, for brokers; everybody else is told that this is none of theirs."""
    institutions = tti_ids(actor)
    _refuse_unless(institutions)
    return for_institutions(actor, institutions)


def _refuse_unless(institutions: frozenset[int]) -> None:
    if not institutions:
        raise Refused(
            "brokers_only",
            _("Only technology brokers of a verified transfer institution work at this desk."),
        )


class TriageViewSet(GatedViewSet):
    """The brokers' desk: open pairs of the market, of clients and of allies."""

    serializer_class = TriageSerializer
    pagination_class = NewestFirst
    visible = staticmethod(visible)
    required_scopes = {"read": "matches:read", "write": "matches:write"}

    @extend_schema(parameters=FILTERS, responses=TriageSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Newest first."""
        desk = desks.desk_of(self.actor, desks.last_visit(self.actor))
        _refuse_unless(desk.institutions)
        self._refuse_unknown(request.query_params)
        wanted = wanted_from(request.query_params, has_clients=bool(desk.clients))
        page = self.paginate_queryset(with_listings(desks.found(desk, wanted))) or []
        return self.get_paginated_response(self.get_serializer(rows_of(page, desk), many=True).data)

    @extend_schema(
        request=BulkSerializer, responses=ReportSerializer, filters=False,
        examples=[OpenApiExample("Interested", request_only=True, value={
            "matches": [{"id": "0123456789", "side": "need"}], "answer": "interested",
        })],
    )  # fmt: skip
    @action(detail=False, methods=["post"])
    def answer(self, request: Request) -> Response:
        """Give one answer to many pairs. Each is answered on its own: look at `refused`."""
        self.get_queryset()
        given = BulkSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        report = answer_many(
            actor=self.actor, answer_=values["answer"], reason=values["reason"],
            text=values["text"],
            marked=[Marked(one["id"], one["side"], one["version"]) for one in values["matches"]],
        )  # fmt: skip
        return Response(
            {
                "answered": [match.public_id for match in report.answered],
                "both_interested": [match.public_id for match in report.both_interested],
                "refused": NotAnsweredSerializer(report.refused, many=True).data,
            }
        )

    @extend_schema(
        request=ProposeSerializer, responses={201: shapes.MatchSerializer}, filters=False
    )
    @action(detail=False, methods=["post"])
    def propose(self, request: Request) -> Response:
        """Put a pair into the inboxes of both sides, with a note."""
        self.get_queryset()
        given = ProposeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        need, technology = self._pair(given.validated_data)
        match = propose(
            actor=self.actor, need_id=need, technology_id=technology,
            note=given.validated_data["note"],
        )  # fmt: skip
        fresh = with_listings(Match.objects.all()).get(pk=match.pk)
        shape = shapes.MatchSerializer(read(fresh, self.actor))
        return Response(shape.data, status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[
            OpenApiParameter("need", OpenApiTypes.STR, required=True),
            OpenApiParameter("technology", OpenApiTypes.STR, required=True),
        ],
        responses=WhySerializer,
        filters=False,
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def why(self, request: Request) -> Response:
        """Why a pair is not on the list, or low on it."""
        self.get_queryset()
        given = PairSerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        need, technology = self._pair(given.validated_data)
        found = why(actor=self.actor, need_id=need, technology_id=technology)
        return Response(WhySerializer(found).data)

    def _pair(self, given: dict[str, str]) -> tuple[int, int]:
        return (
            listing_id(self.actor, given["need"], "need"),
            listing_id(self.actor, given["technology"], "technology"),
        )

    def _refuse_unknown(self, query: QueryDict) -> None:
        """A filter that is misspelt would else quietly give the whole list."""
        known = {"level": Level.values, "field": [one.code for one in FIELDS], "waits": WAITS}
        for name, values in known.items():
            if (value := query.get(name, "")) and value not in values:
                raise field_error(name, _("There is no such choice."), code="unknown_code")
