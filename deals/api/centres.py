"""/centre-settings/ and /distribution-schemes/."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Organisation
from deals.actions import centres as actions
from deals.actions import own_schemes
from deals.api import centre_shapes as shapes
from deals.models import OwnScheme
from deals.queries import centres as queries
from deals.queries import own_schemes as schemes
from deals.queries.cases import people_of
from deals.rules import PARTY_ROLES
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import field_error
from marketplace.core.gates import get_visible

MOST = 200  # cases that are named


class CentreViewSet(GatedViewSet):
    """Settings of your institutions. Its owners, brokers and editors read them, owners change
    them."""

    required_scopes = {"read": "cases:read", "write": "cases:write"}
    serializer_class = shapes.CentreSettingsSerializer
    visible = staticmethod(queries.visible_to)

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Organisation.objects.none()
        return super().get_queryset()

    @extend_schema(filters=False)
    def list(self, request: Request) -> Response:
        """Of each institution in which you work."""
        page = self.paginate_queryset(self.get_queryset().order_by("id")) or []
        told = [self._told(house) for house in page]
        return self.get_paginated_response(self.get_serializer(told, many=True).data)

    def retrieve(self, request: Request, public_id: str) -> Response:
        """By the id of the institution."""
        return self._answer(self.get_object())

    @extend_schema(request=shapes.CentrePricesWrite)
    @action(detail=True, methods=["post"])
    def prices(self, request: Request, public_id: str) -> Response:
        """Usual prices, which fill in the terms of a new case."""
        return self._step(
            lambda **one: actions.set_usual_prices(
                facts=self._given(shapes.CentrePricesWrite), **one
            )
        )

    @extend_schema(request=shapes.CentreSplitWrite)
    @action(detail=True, methods=["post"])
    def split(self, request: Request, public_id: str) -> Response:
        """The usual split of a referral where the alliance has no usual terms."""
        return self._step(
            lambda **one: actions.set_usual_split(**self._given(shapes.CentreSplitWrite), **one)
        )

    @extend_schema(request=shapes.CentrePeopleWrite)
    @action(detail=True, methods=["post"])
    def people(self, request: Request, public_id: str) -> Response:
        """Who may take cases, with what they begin and who reads them."""
        pk = self.get_object().pk
        given = self._given(shapes.CentrePeopleWrite)
        by_id = {one.public_id: one.pk for one in people_of([pk])[pk]}
        return self._step(
            lambda **one: actions.set_people(
                takers=given["takers"], people=[by_id.get(name, 0) for name in given["people"]],
                pipeline_code=given["pipeline"], reading=given["readers"], **one,
            )
        )  # fmt: skip

    @extend_schema(methods=["get"], responses=shapes.CentreNdaSerializer(many=True), filters=False)
    @extend_schema(methods=["post"], request=shapes.CentreNdaWrite)
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def nda(self, request: Request, public_id: str) -> Response:
        """Every version of its own agreement, newest first; a POST writes the next, for rooms
        opened from now on."""
        if request.method != "POST":
            rows = self.get_object().nda_texts.all()
            return Response(shapes.CentreNdaSerializer(rows, many=True).data)
        return self._step(
            lambda **one: actions.write_nda(texts=self._given(shapes.CentreNdaWrite), **one)
        )

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], url_path="platform-nda")
    def platform_nda(self, request: Request, public_id: str) -> Response:
        """Back to the platform's text, for rooms opened from now on."""
        return self._step(actions.use_platform_nda)

    def _given(self, shape: Any) -> dict[str, Any]:
        given = shape(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _step(self, act: Callable[..., Any]) -> Response:
        house: Organisation = self.get_object()
        act(actor=self.actor, organisation_id=house.pk, expected_version=self.expected_version())
        return self._answer(house)

    def _answer(self, house: Organisation) -> Response:
        return Response(self.get_serializer(self._told(house)).data)

    def _told(self, house: Organisation) -> dict[str, Any]:
        row = queries.settings_of(house.pk)
        misfits = None
        if queries.is_owner(self.actor, house.pk):
            misfits = [one.public_id for one in queries.misfits_of(house.pk)[:MOST]]
        return {
            "id": house.public_id, "institution": house, "currency": row.currency,
            "tiers": row.tiers, "minimum": row.minimum, "cap": row.cap, "due": row.due,
            "costs_cap": row.costs_cap, "referring_percent": row.referring_percent,
            "takers": row.takers,
            "people": list(row.people.values_list("public_id", flat=True)) if row.pk else [],
            "pipeline": queries.first_pipeline(house.pk), "readers": row.reading, "nda": row.nda,
            "misfits": misfits, "version": row.version,
        }  # fmt: skip


class OwnSchemeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Schemes of distribution that your organisations wrote, newest first."""

    required_scopes = {"read": "income:read", "write": "income:write"}
    serializer_class = shapes.OwnSchemeSerializer
    visible = staticmethod(schemes.visible_to)

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation").order_by("-id")

    @extend_schema(request=shapes.OwnSchemeOpen, responses={201: shapes.OwnSchemeSerializer})
    def create(self, request: Request) -> Response:
        """Draft a scheme, or the next version of one."""
        given = self._given(shapes.OwnSchemeOpen)
        mine = Organisation.objects.filter(pk__in=sorted(self.actor.ids_with(*PARTY_ROLES)))
        house = mine.filter(public_id=given.pop("organisation")).first()
        if house is None:
            raise field_error(
                "organisation", _("Choose one of your organisations."), code="unknown_code"
            )
        of = given.pop("of")
        former = get_visible(self.get_queryset(), public_id=of) if of else None
        row = own_schemes.write_scheme(
            actor=self.actor, organisation_id=house.pk, facts=given,
            of=former.pk if former else None,
        )  # fmt: skip
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.OwnSchemeWrite)
    def update(self, request: Request, public_id: str) -> Response:
        """Write a draft anew."""
        self.get_object()  # outsiders find nothing, whatever they send
        given = self._given(shapes.OwnSchemeWrite)
        return self._step(own_schemes.change_scheme, facts=given)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, public_id: str) -> Response:
        """By an owner who did not write it; from now on accounts can choose it."""
        return self._step(own_schemes.approve_scheme)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, public_id: str) -> Response:
        """Give a draft up."""
        row: OwnScheme = self.get_object()
        own_schemes.discard_scheme(
            actor=self.actor, scheme_id=row.pk, expected_version=self.expected_version()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _given(self, shape: Any) -> dict[str, Any]:
        given = shape(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _step(self, act: Callable[..., OwnScheme], **given: Any) -> Response:
        row: OwnScheme = self.get_object()
        act(actor=self.actor, scheme_id=row.pk, expected_version=self.expected_version(), **given)
        fresh = get_visible(self.get_queryset(), public_id=row.public_id)
        return Response(self.get_serializer(fresh).data)
