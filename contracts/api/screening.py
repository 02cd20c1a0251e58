"""/catalogues/, /screening/, /contracts/{id}/screening/, /registrar/contracts/{id}/hits/{hit}/."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
)
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contracts.actions.catalogues import load_catalogue
from contracts.actions.screening import decide_hit
from contracts.api.fields import AT_THE_DESK, OF_PARTIES, TO_READ
from contracts.api.review import SaidSerializer
from contracts.forms.screening import MAX_TEXT
from contracts.models import Catalogue, CatalogueEntry, Contract, HitDecision, ScreeningHit
from contracts.queries import catalogues, desk, reviews
from contracts.queries import screening as queries
from contracts.queries.visibility import visible_to, with_details
from contracts.rates import ScreenRate
from contracts.screening.reading import Faults
from contracts.views.screening import own_technologies, pieces_of
from marketplace.core.api.pagination import NewestFirst
from marketplace.core.api.permissions import actor_of
from marketplace.core.api.throttles import ByToken
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.codes.lists import KnownCode
from marketplace.core.errors import Invalid, NotFound, field_error
from marketplace.core.gates import get_visible


class CatalogueSerializer(serializers.ModelSerializer[Catalogue]):
    """An edition of a catalogue of technologies whose export or import is controlled."""

    id = serializers.CharField(source="public_id")
    entries = serializers.IntegerField(source="number_of_entries", help_text="How many.")

    class Meta:
        model = Catalogue
        fields = [
            "id", "code", "name_en", "name_zh", "source_en", "source_zh", "direction", "is_sample",
            "valid_from", "valid_to", "replaced_at", "loaded_at", "entries",
        ]  # fmt: skip
        extra_kwargs = {"is_sample": {"help_text": "Invented for trying things out; no law."}}


class CatalogueEntrySerializer(serializers.ModelSerializer[CatalogueEntry]):
    kind = serializers.CharField(help_text="prohibited or restricted.")

    class Meta:
        model = CatalogueEntry
        fields = ["code", "kind", "name_en", "name_zh", "points_en", "points_zh", "fields", "terms"]


class CatalogueWrite(serializers.Serializer[Any]):
    document = serializers.CharField(help_text="The whole file.")
    form = serializers.ChoiceField(choices=["yaml", "csv"], default="yaml")
    only_check = serializers.BooleanField(default=False, help_text="Look and store nothing.")


class ByOrder(NewestFirst):
    ordering = ("position", "id")  # type: ignore[assignment]


class CatalogueViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Catalogues that contracts which cross the border are screened against."""

    serializer_class = CatalogueSerializer
    visible = staticmethod(catalogues.visible_to)
    required_scopes = {"read": "contracts:read", "write": "operations:write"}
    filterset_fields = ("code", "direction", "is_sample")

    def get_queryset(self) -> Any:
        return catalogues.with_counts(super().get_queryset())

    @extend_schema(request=CatalogueWrite, responses={201: CatalogueSerializer})
    def create(self, request: Request) -> Response:
        """Load an edition (operators). What is there already, or is only checked, answers 200."""
        given = CatalogueWrite(data=request.data)
        given.is_valid(raise_exception=True)
        facts = given.validated_data
        try:
            loaded = load_catalogue(
                actor=self.actor, content=facts["document"].encode(),
                is_csv=facts["form"] == "csv", only_check=facts["only_check"],
            )  # fmt: skip
        except Faults as error:
            raise Invalid(
                "faulty_catalogue",
                _("Nothing was stored. Correct the document."),
                fields={"document": error.found},
            ) from None
        if loaded.catalogue is None:
            return Response({"is_new": loaded.is_new, "entries": len(loaded.document.entries)})
        row = self.get_queryset().get(pk=loaded.catalogue.pk)
        code = status.HTTP_201_CREATED if loaded.is_new else status.HTTP_200_OK
        return Response(self.get_serializer(row).data, status=code)

    @extend_schema(
        responses=CatalogueEntrySerializer(many=True), filters=False,
        parameters=[
            OpenApiParameter(
                "search", OpenApiTypes.STR,
                description="Part of code, name or control points, or a whole key term.",
            ),
            OpenApiParameter("kind", OpenApiTypes.STR, enum=CatalogueEntry.Kind.values),
        ],
    )  # fmt: skip
    def entries(self, request: Request, public_id: str) -> Response:
        """Entries of an edition, in its order."""
        row: Catalogue = self.get_object()
        text = request.query_params.get("search", "").replace("\x00", "")[:100]
        kind = request.query_params.get("kind", "")
        if kind and kind not in CatalogueEntry.Kind.values:
            raise field_error("kind", _("There is no such kind."))
        page = self.paginate_queryset(catalogues.find_entries(row, text, kind))
        return self.get_paginated_response(CatalogueEntrySerializer(page, many=True).data)


class HitReasonSerializer(serializers.Serializer[Any]):
    why = serializers.CharField(help_text="code, term or words.")
    quote = serializers.CharField()
    terms = serializers.ListField(child=serializers.CharField())
    fact = serializers.CharField(help_text="Fact of the contract or the listing; or empty.")
    file = serializers.CharField(help_text="Id of a file; or empty.")
    unit = serializers.CharField(help_text="page or paragraph; or empty.")
    at = serializers.IntegerField(help_text="Page or paragraph, from 1; 0 for a fact.")


class HitDecisionSerializer(serializers.ModelSerializer[HitDecision]):
    outcome = serializers.CharField(help_text="not_covered, licensed or barred.")
    is_carried_over = serializers.SerializerMethodField(
        help_text="Made for an earlier screening of the same text and entry."
    )

    class Meta:
        model = HitDecision
        fields = [
            "outcome", "words", "licence_number", "licence_on", "licence_by", "is_carried_over",
            "at",
        ]  # fmt: skip

    @extend_schema_field(serializers.BooleanField())
    def get_is_carried_over(self, row: HitDecision) -> bool:
        return row.carried_from_id is not None


class ScreeningHitSerializer(serializers.Serializer[Any]):
    """A possible hit: a question, not a judgement."""

    id = serializers.IntegerField(source="pk", allow_null=True, help_text="Null when not stored.")
    catalogue = serializers.CharField(source="entry.catalogue.public_id")
    code = serializers.CharField(source="entry.code")
    kind = serializers.CharField(source="entry.kind", help_text="prohibited or restricted.")
    name = serializers.SerializerMethodField()
    points = serializers.SerializerMethodField(help_text="Control points.")
    holds = serializers.BooleanField(
        help_text="Nothing is registered until a registrar has decided."
    )
    score = serializers.IntegerField(help_text="0 to 100, to sort by.")
    reasons = HitReasonSerializer(many=True)
    decision = serializers.SerializerMethodField()

    @extend_schema_field(SaidSerializer())
    def get_name(self, hit: ScreeningHit) -> dict[str, str]:
        return {"en": hit.entry.name_en, "zh": hit.entry.name_zh}

    @extend_schema_field(SaidSerializer())
    def get_points(self, hit: ScreeningHit) -> dict[str, str]:
        return {"en": hit.entry.points_en, "zh": hit.entry.points_zh}

    @extend_schema_field(HitDecisionSerializer(allow_null=True))
    def get_decision(self, hit: ScreeningHit) -> Any:
        row = queries.decision_of(hit) if hit.pk else None
        return HitDecisionSerializer(row).data if row else None


class ScreeningResultSerializer(serializers.Serializer[Any]):
    catalogues = serializers.ListField(child=serializers.CharField(), help_text="Ids.")
    hits = ScreeningHitSerializer(many=True)


class ContractScreeningSerializer(serializers.Serializer[Any]):
    """directions is empty, and state `none`, for a contract that does not cross the border."""

    directions = serializers.ListField(child=serializers.CharField())
    state = serializers.CharField(help_text="none, waiting or done.")
    is_clear = serializers.BooleanField(help_text="Whether it could be registered.")
    register_by = serializers.DateField(
        allow_null=True, help_text="For free technology, with the trade authority."
    )
    unread = serializers.ListField(
        child=serializers.CharField(), help_text="Files whose text could not be read to its end."
    )
    catalogues = serializers.ListField(child=serializers.CharField(), help_text="Ids.")
    hits = ScreeningHitSerializer(many=True)


class ScreeningWrite(serializers.Serializer[Any]):
    direction = serializers.ChoiceField(choices=Catalogue.Direction.choices, default="export")
    text = serializers.CharField(max_length=MAX_TEXT, required=False, allow_blank=True)
    field = serializers.CharField(
        max_length=40, required=False, allow_blank=True, validators=[KnownCode("fields")]
    )
    technology = serializers.CharField(
        max_length=10, required=False, help_text="Id of a technology that you may change."
    )


class HitDecisionWrite(serializers.Serializer[Any]):
    outcome = serializers.CharField(max_length=12, help_text="not_covered, licensed or barred.")
    words = serializers.CharField(max_length=4000, help_text="The parties read them.")
    note = serializers.CharField(
        max_length=4000, required=False, allow_blank=True, help_text="They do not read this."
    )
    licence_number = serializers.CharField(max_length=80, required=False, allow_blank=True)
    licence_on = serializers.DateField(required=False, allow_null=True)
    licence_by = serializers.CharField(max_length=160, required=False, allow_blank=True)


class ScreeningView(APIView):
    """Screen a text or an own technology. Stores nothing."""

    open_to_visitors = False
    required_scopes = TO_READ
    throttle_classes = [ByToken, ScreenRate]

    @extend_schema(
        operation_id="screening", request=ScreeningWrite, responses=ScreeningResultSerializer,
        examples=[OpenApiExample("An electrolyte", request_only=True,
                                 value={"direction": "export", "text": "低温电解液专利许可"})],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Possible hits in the catalogues that are in force today for this direction."""
        given = ScreeningWrite(data=request.data)
        given.is_valid(raise_exception=True)
        facts = given.validated_data
        listing = None
        if "technology" in facts:
            own = {one.public_id: one for one in own_technologies(actor_of(request))}
            listing = own.get(facts["technology"])
            if listing is None:
                raise field_error("technology", _("This is not one of your technologies."))
        pieces, fields = pieces_of(facts.get("text", ""), facts.get("field", ""), listing)
        if not pieces:
            raise Invalid("nothing_given", _("Give a text or one of your technologies."))
        result = queries.check(pieces, fields, [facts["direction"]], timezone.localdate())
        told = {"catalogues": [one.public_id for one in result.catalogues], "hits": result.hits}
        return Response(ScreeningResultSerializer(told).data)


class ContractScreeningViewSet(GatedViewSet):
    """What the screening of a contract found, for whoever may open its files."""

    serializer_class = ContractScreeningSerializer
    visible = staticmethod(visible_to)
    required_scopes = OF_PARTIES
    pagination_class = None
    filter_backends = ()

    def _schema_model(self) -> type[Contract]:
        return Contract

    @extend_schema(operation_id="contracts_screening", responses=ContractScreeningSerializer)
    def retrieve(self, request: Request, contract_id: str) -> Response:
        """Of the version that was submitted last, with the decisions."""
        contract: Contract = get_visible(
            with_details(visible_to(self.actor)), public_id=contract_id
        )
        reviews.require_open_files(contract, self.actor)
        return Response(self.get_serializer(_told(contract)).data)


class HitViewSet(GatedViewSet):
    """Possible hits at the registrar's desk."""

    lookup_field = "contract_id"  # what If-Match names
    serializer_class = ContractScreeningSerializer
    visible = staticmethod(desk.at_points)
    required_scopes = AT_THE_DESK
    pagination_class = None
    filter_backends = ()

    def _schema_model(self) -> type[Contract]:
        return Contract

    @extend_schema(
        operation_id="registrar_contracts_decide_hit", request=HitDecisionWrite,
        responses=ContractScreeningSerializer,
    )  # fmt: skip
    def decide(self, request: Request, contract_id: str, hit_id: int) -> Response:
        """Decide about a possible hit; a later decision takes the place of the one before."""
        contract: Contract = get_visible(desk.at_points(self.actor), public_id=contract_id)
        if not ScreeningHit.objects.filter(pk=hit_id, screening__contract=contract).exists():
            raise NotFound
        given = HitDecisionWrite(data=request.data)
        given.is_valid(raise_exception=True)
        decide_hit(
            actor=self.actor, contract_id=contract.pk, hit_id=hit_id,
            expected_version=self.expected_version(), **given.validated_data,
        )  # fmt: skip
        stored = with_details(desk.at_points(self.actor)).get(pk=contract.pk)
        return Response(self.get_serializer(_told(stored)).data)


def _told(contract: Contract) -> dict[str, Any]:
    standing = queries.standing(contract, timezone.localdate())
    row = standing.screening
    state = ("done" if standing.is_done else "waiting") if row else "none"
    return {
        "directions": standing.directions,
        "state": state,
        "is_clear": standing.is_clear,
        "register_by": standing.register_by,
        "unread": row.unread if row else [],
        "catalogues": [one.public_id for one in row.catalogues.all()] if row else [],
        "hits": standing.hits,
    }
