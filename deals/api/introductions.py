"""/introductions/ and /introductions/requests/."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from deals.actions import brokers, closing, drafting, enquiries, opening, releases, talks
from deals.actions.nda import accept_nda
from deals.api import shapes
from deals.models import Introduction, IntroductionMessage, Origin, Outcome, Side, State
from deals.queries import lists
from deals.queries.enquiries import askable
from deals.queries.offers import is_offered_to
from deals.queries.pairs import Pair, pair_of, pairs_of, with_people
from deals.queries.threads import lines_of, thread_of
from deals.queries.visibility import brokering_organisations, claimable_by, visible_to
from listings.queries.visibility import published_for
from listings.queries.visibility import visible_to as listings_visible_to
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.gates import get_visible

SCOPES: dict[str, str] = {"read": "introductions:read", "write": "introductions:write"}


class IntroductionFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.MultipleChoiceFilter(choices=State.choices)
    origin = django_filters.ChoiceFilter(choices=Origin.choices)
    outcome = django_filters.ChoiceFilter(choices=Outcome.choices)
    side = django_filters.ChoiceFilter(
        choices=Side.choices, method="of_side", help_text="Where you take part on this side."
    )
    need = django_filters.CharFilter(method="by_listing", max_length=10)
    technology = django_filters.CharFilter(method="by_listing", max_length=10)
    contract = django_filters.CharFilter(field_name="contract__public_id", max_length=10)
    created_after = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    updated_after = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Introduction
        fields: list[str] = []

    def of_side(
        self, queryset: QuerySet[Introduction], _name: str, value: str
    ) -> QuerySet[Introduction]:
        return lists.as_side(queryset, value, self.request._request.actor)

    def by_listing(
        self, queryset: QuerySet[Introduction], name: str, value: str
    ) -> QuerySet[Introduction]:
        # Only by what one may know of, or the filter would tell which listing asks without a name.
        seen = listings_visible_to(self.request._request.actor)
        known = seen.filter(public_id=value).values_list("pk").first()
        return queryset.filter(**{f"{name}_id": known[0]}) if known else queryset.none()


class IntroductionViewSet(GatedViewSet):
    """Needs and technologies whose owners talk to each other; yours and those you broker."""

    serializer_class = shapes.IntroductionSerializer
    visible = staticmethod(visible_to)
    required_scopes = SCOPES
    filterset_class = IntroductionFilter

    def get_queryset(self) -> Any:
        return with_people(super().get_queryset())

    def list(self, request: Request) -> Response:
        """Newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        pairs = pairs_of(page, self.actor)
        return self.get_paginated_response(self.get_serializer(pairs, many=True).data)

    def retrieve(self, request: Request, public_id: str) -> Response:
        """One, with whose turn it is."""
        return self._answer(self.get_object())

    @extend_schema(
        request=shapes.OpenSerializer,
        responses={200: shapes.IntroductionSerializer, 201: shapes.IntroductionSerializer},
        examples=[
            OpenApiExample(
                "A pair",
                request_only=True,
                value={"need": "0A1B2C3D4E", "technology": "5F6G7H8J9K"},
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """Ask for an introduction of your listing to another's, or bring two together as a broker.
        200 when one of the pair is open already."""
        given = shapes.OpenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        seen = published_for(self.actor)
        need = get_visible(seen, public_id=given.validated_data["need"])
        technology = get_visible(seen, public_id=given.validated_data["technology"])
        made, is_new = opening.open_by_hand(
            actor=self.actor, need_id=need.pk, technology_id=technology.pk
        )
        return self._answer(made, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    @extend_schema(
        request=shapes.AskUnnamedSerializer, responses={201: shapes.IntroductionSerializer},
        filters=False,
        examples=[
            OpenApiExample(
                "Words alone",
                request_only=True,
                value={"match": "0A1B2C3D4E", "words": "Does it hold at 300 degrees for a week?"},
            )
        ],
    )  # fmt: skip
    @action(detail=False, methods=["post"], url_path="ask-unnamed")
    def ask_unnamed(self, request: Request) -> Response:
        """Ask the other side of a match without your name, from a listing whose owner the market
        does not name. Only your words go, and what you release with them."""
        given = self._given(shapes.AskUnnamedSerializer)
        match = get_visible(askable(self.actor), public_id=given.pop("match"))
        made = enquiries.ask_unnamed(actor=self.actor, match_id=match.pk, **given)
        return self._answer(made, status.HTTP_201_CREATED)

    # --- The thread ----------------------------------------------------------------------------

    @extend_schema(
        methods=["get"], responses=shapes.MessageSerializer(many=True), filters=False,
        description="Messages, newest first.",
    )  # fmt: skip
    @extend_schema(
        methods=["post"], request=shapes.WriteMessageSerializer,
        responses={201: shapes.MessageSerializer}, description="Write to everybody in it.",
    )  # fmt: skip
    @action(detail=True, methods=["get", "post"], filterset_class=None)
    def messages(self, request: Request, public_id: str) -> Response:
        pair = self._pair()
        if request.method == "POST":
            given = self._given(shapes.WriteMessageSerializer)
            made = talks.post_message(
                actor=self.actor, introduction_id=pair.introduction.pk, **given
            )
            [answer] = self._messages(pair, [made])
            return Response(answer, status=status.HTTP_201_CREATED)
        thread = thread_of(pair.introduction).order_by("-id")
        page = self.paginate_queryset(thread) or []
        return self.get_paginated_response(self._messages(pair, page))

    def _messages(self, pair: Pair, rows: Sequence[IntroductionMessage]) -> Sequence[Any]:
        return [
            {
                "id": line.message.public_id,
                "side": line.message.side,
                "who": line.who if line.is_known else None,
                "body": line.message.body,
                "created_at": line.message.created_at,
            }
            for line in lines_of(pair, self.actor, rows)
        ]

    # --- The agreement and releases ------------------------------------------------------------

    @extend_schema(responses=shapes.NdaTextSerializer)
    @action(detail=True, methods=["get"])
    def nda(self, request: Request, public_id: str) -> Response:
        """The text of the non-disclosure agreement in both languages."""
        return Response(shapes.NdaTextSerializer(self._pair().nda_text).data)

    @extend_schema(request=shapes.AcceptSerializer, responses=shapes.IntroductionSerializer)
    @action(detail=True, methods=["post"], url_path="accept-nda")
    def accept_nda(self, request: Request, public_id: str) -> Response:
        """Accept the agreement for your side, by name, for the text whose hash you send."""
        found: Introduction = self.get_object()
        given = self._given(shapes.AcceptSerializer)
        return self._answer(accept_nda(actor=self.actor, introduction_id=found.pk, **given))

    @extend_schema(request=shapes.SideSerializer, responses=shapes.IntroductionSerializer)
    @action(detail=True, methods=["post"], url_path="show-name")
    def show_name(self, request: Request, public_id: str) -> Response:
        """Let the other side know who you are, where your listing does not say it."""
        return self._step(releases.release_identity)

    @extend_schema(request=shapes.SideSerializer, responses=shapes.IntroductionSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, public_id: str) -> Response:
        """Open your confidential details to the other party; the agreement must be in force."""
        return self._step(releases.release_details)

    @extend_schema(request=shapes.SideSerializer, responses=shapes.IntroductionSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, public_id: str) -> Response:
        """End what you opened, from now on."""
        return self._step(releases.revoke_release)

    # --- Broker, contract, end -----------------------------------------------------------------

    @extend_schema(request=shapes.SideSerializer, responses=shapes.IntroductionSerializer)
    @action(detail=True, methods=["post"], url_path="ask-for-broker")
    def ask_for_broker(self, request: Request, public_id: str) -> Response:
        """Put the pair on the desks of the brokers."""
        return self._step(brokers.ask_for_broker)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"], url_path="step-back")
    def step_back(self, request: Request, public_id: str) -> Response:
        """Give an introduction back that you took up; you will no longer see it."""
        found: Introduction = self.get_object()
        brokers.step_back(
            actor=self.actor, introduction_id=found.pk, expected_version=self.expected_version()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=shapes.DraftSerializer, responses=shapes.DraftedSerializer)
    @action(detail=True, methods=["post"], url_path="draft-contract")
    def draft_contract(self, request: Request, public_id: str) -> Response:
        """Draft the contract with parties, title, field and type; or get the present draft."""
        found: Introduction = self.get_object()
        given = self._given(shapes.DraftSerializer)
        made = drafting.draft_contract(actor=self.actor, introduction_id=found.pk, **given)
        return Response({"contract": made.public_id})

    @extend_schema(request=shapes.CloseSerializer, responses=shapes.IntroductionSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, public_id: str) -> Response:
        """End it, with the outcome and, without agreement, the reason."""
        found: Introduction = self.get_object()
        given = self._given(shapes.CloseSerializer)
        return self._answer(
            closing.close(
                actor=self.actor, introduction_id=found.pk,
                expected_version=self.expected_version(), **given,
            )
        )  # fmt: skip

    # --- Shared --------------------------------------------------------------------------------

    def _given(self, shape: Any) -> dict[str, Any]:
        given = shape(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _pair(self) -> Pair:
        return pair_of(self.get_object(), self.actor, detail=False)

    def _step(self, act: Any) -> Response:
        found: Introduction = self.get_object()
        return self._answer(
            act(
                actor=self.actor, introduction_id=found.pk,
                expected_version=self.expected_version(), **self._given(shapes.SideSerializer),
            )
        )  # fmt: skip

    def _answer(self, introduction: Introduction, code: int = status.HTTP_200_OK) -> Response:
        fresh = with_people(Introduction.objects.filter(pk=introduction.pk)).get()
        pair = pair_of(fresh, self.actor, detail=False)
        return Response(self.get_serializer(pair).data, status=code)


class RequestViewSet(mixins.ListModelMixin, GatedViewSet):
    """For brokers: pairs whose parties want a broker."""

    serializer_class = shapes.RequestSerializer
    visible = staticmethod(claimable_by)
    required_scopes = SCOPES
    filterset_class = None

    def list(self, request: Request) -> Response:
        """Newest first."""
        rows = self.get_queryset().select_related("need__owner", "technology__owner", "enquiry")
        page = self.paginate_queryset(rows) or []
        found = lists.as_requests(page, self.actor)
        return self.get_paginated_response(self.get_serializer(found, many=True).data)

    @extend_schema(request=None, responses=shapes.IntroductionSerializer)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, public_id: str) -> Response:
        """Take it up. 409 when another broker was quicker."""
        wanted = self.get_queryset().filter(public_id=public_id).first()
        if wanted is None:
            # perhaps another was quicker: the action says so to brokers, and nothing to others
            institutions = brokering_organisations(self.actor).values_list("pk", flat=True)
            offered = Q(broker_asked_at__isnull=False) | is_offered_to(list(institutions))
            wanted = get_visible(Introduction.objects.filter(offered), public_id=public_id)
        taken = brokers.claim(actor=self.actor, introduction_id=wanted.pk)
        fresh = with_people(Introduction.objects.filter(pk=taken.pk)).get()
        pair = pair_of(fresh, self.actor, detail=False)
        return Response(shapes.IntroductionSerializer(pair).data)
