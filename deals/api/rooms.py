"""/rooms/: deal rooms by API; the same gates and actions as the pages."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Organisation, User
from deals.actions import room_documents, rooms, term_sheets
from deals.actions.offer_contracts import draft_from_offer
from deals.actions.room_talks import post_room_message
from deals.api import room_shapes as shapes
from deals.api.shapes import AcceptSerializer, DraftedSerializer, NdaTextSerializer
from deals.models import DealRoom, TermSheet
from deals.queries.room_documents import shown_documents
from deals.queries.room_talks import lines_for, thread_of
from deals.queries.rooms import RoomView, view_of, views_of, visible_to, with_sides
from deals.queries.term_sheets import sheets_for
from deals.queries.visibility import visible_to as introductions_visible_to
from deals.views.room_files import open_file
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.gates import get_visible

SCOPES: dict[str, str] = {"read": "introductions:read", "write": "introductions:write"}
_OFFER = r"offers/(?P<offer_id>[0-9A-Z]{10})"
_DOCUMENT = r"documents/(?P<room_document_id>[0-9A-Z]{10})"


class RoomViewSet(GatedViewSet):
    """Deal rooms that you are inside of."""

    serializer_class = shapes.RoomSerializer
    visible = staticmethod(visible_to)
    required_scopes = SCOPES
    filterset_class = None

    def get_queryset(self) -> Any:
        return with_sides(super().get_queryset())

    def list(self, request: Request) -> Response:
        """Newest first."""
        page = self.paginate_queryset(self.get_queryset().order_by("-id")) or []
        views = views_of(page, self.actor)
        return self.get_paginated_response(self.get_serializer(views, many=True).data)

    def retrieve(self, request: Request, public_id: str) -> Response:
        """One, with your rights in it and who is to act."""
        return self._answer(self.get_object())

    @extend_schema(
        request=shapes.OpenRoomSerializer,
        responses={200: shapes.RoomSerializer, 201: shapes.RoomSerializer},
        examples=[
            OpenApiExample(
                "Of an introduction", request_only=True, value={"introduction": "0A1B2C3D4E"}
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """Open the room of an introduction in talks (200 when there is one), or as a broker
        between two verified organisations."""
        given = self._given(shapes.OpenRoomSerializer)
        if given["introduction"]:
            found = get_visible(
                introductions_visible_to(self.actor), public_id=given["introduction"]
            )
            room, is_new = rooms.open_room(actor=self.actor, introduction_id=found.pk)
            code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
            return self._answer(room, code)
        room = rooms.open_room_between(
            actor=self.actor, title=given["title"], supplier_id=_organisation(given["supplier"]),
            taker_id=_organisation(given["taker"]),
        )  # fmt: skip
        return self._answer(room, status.HTTP_201_CREATED)

    # --- Agreement, people, end ------------------------------------------------------------------

    @extend_schema(responses=NdaTextSerializer)
    @action(detail=True, methods=["get"])
    def nda(self, request: Request, public_id: str) -> Response:
        """The text of the agreement in both languages."""
        return Response(NdaTextSerializer(self._view().nda_text).data)

    @extend_schema(request=AcceptSerializer, responses=shapes.RoomSerializer)
    @action(detail=True, methods=["post"], url_path="accept-nda")
    def accept_nda(self, request: Request, public_id: str) -> Response:
        """Accept it for your side. 412 when the text is another one now."""
        room: DealRoom = self.get_object()
        given = self._given(AcceptSerializer)
        return self._answer(rooms.accept_agreement(actor=self.actor, room_id=room.pk, **given))

    @extend_schema(request=shapes.SeatWrite, responses=shapes.RoomSerializer)
    @action(detail=True, methods=["post"])
    def seats(self, request: Request, public_id: str) -> Response:
        """Let a colleague in, or change the right of one."""
        room: DealRoom = self.get_object()
        given = self._given(shapes.SeatWrite)
        user = User.objects.filter(email__iexact=given.pop("email")).first()
        rooms.give_seat(actor=self.actor, room_id=room.pk, user_id=user.pk if user else 0, **given)
        return self._answer(room)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["delete"], url_path=r"seats/(?P<seat_id>[0-9A-Z]{10})")
    def end_seat(self, request: Request, public_id: str, seat_id: str) -> Response:
        """Take somebody of your side out, at once."""
        room: DealRoom = self.get_object()
        rooms.end_seat(actor=self.actor, room_id=room.pk, seat_public_id=seat_id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=shapes.RoomSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, public_id: str) -> Response:
        """End the talks in it; it stays readable."""
        room: DealRoom = self.get_object()
        return self._answer(
            rooms.close_room(
                actor=self.actor, room_id=room.pk, expected_version=self.expected_version()
            )
        )

    # --- Messages --------------------------------------------------------------------------------

    @extend_schema(
        methods=["get"], responses=shapes.RoomMessageSerializer(many=True), filters=False,
        description="Messages, newest first.",
    )  # fmt: skip
    @extend_schema(
        methods=["post"], request=shapes.WriteRoomMessageSerializer,
        responses={201: shapes.RoomMessageSerializer},
        description="Write to everybody in the room.",
    )  # fmt: skip
    @action(detail=True, methods=["get", "post"], filterset_class=None)
    def messages(self, request: Request, public_id: str) -> Response:
        view = self._view()
        if request.method == "POST":
            given = self._given(shapes.WriteRoomMessageSerializer)
            made = post_room_message(actor=self.actor, room_id=view.room.pk, **given)
            [line] = lines_for(view, [made], self.actor)
            data = shapes.RoomMessageSerializer(line).data
            return Response(data, status=status.HTTP_201_CREATED)
        page = self.paginate_queryset(thread_of(view.room).order_by("-number")) or []
        lines = lines_for(view, page, self.actor)
        return self.get_paginated_response(shapes.RoomMessageSerializer(lines, many=True).data)

    # --- Offers ----------------------------------------------------------------------------------

    @extend_schema(
        methods=["get"], responses=shapes.OfferSerializer(many=True), filters=False,
        description="Offers on and off the table, and the drafts of your side, newest first.",
    )  # fmt: skip
    @extend_schema(
        methods=["post"], request=shapes.OfferWrite, responses={201: shapes.OfferSerializer},
        description="Draft an offer; only your side sees it until it is made.",
    )  # fmt: skip
    @action(detail=True, methods=["get", "post"], filterset_class=None)
    def offers(self, request: Request, public_id: str) -> Response:
        view = self._view()
        if request.method == "POST":
            facts = self._given(shapes.OfferWrite)
            made = term_sheets.write_offer(
                actor=self.actor, room_id=view.room.pk, side=facts.pop("side", ""),
                answers=facts.pop("answers", None), facts=facts,
            )  # fmt: skip
            data = shapes.OfferSerializer(made).data
            return Response(data, status=status.HTTP_201_CREATED)
        page = self.paginate_queryset(sheets_for(view).order_by("-id")) or []
        return self.get_paginated_response(shapes.OfferSerializer(page, many=True).data)

    @extend_schema(request=shapes.OfferWrite, responses=shapes.OfferSerializer)
    @action(detail=True, methods=["patch"], url_path=_OFFER)
    def change_offer(self, request: Request, public_id: str, offer_id: str) -> Response:
        """Change a draft of your side."""
        room: DealRoom = self.get_object()
        facts = self._given(shapes.OfferWrite)
        sheet = term_sheets.write_offer(
            actor=self.actor, room_id=room.pk, side=facts.pop("side", ""),
            answers=facts.pop("answers", None), facts=facts, sheet_public_id=offer_id,
        )  # fmt: skip
        return Response(shapes.OfferSerializer(sheet).data)

    @extend_schema(request=None, responses=shapes.OfferSerializer)
    @action(detail=True, methods=["post"], url_path=_OFFER + "/make")
    def make_offer(self, request: Request, public_id: str, offer_id: str) -> Response:
        """Put a draft on the table; it counters what the other side has there."""
        return self._offer(term_sheets.make_offer, offer_id)

    @extend_schema(request=None, responses=shapes.OfferSerializer)
    @action(detail=True, methods=["post"], url_path=_OFFER + "/accept")
    def accept_offer(self, request: Request, public_id: str, offer_id: str) -> Response:
        """Accept what the other side has on the table, once; the contract is drafted."""
        return self._offer(term_sheets.accept_offer, offer_id)

    @extend_schema(request=None, responses=shapes.OfferSerializer)
    @action(detail=True, methods=["post"], url_path=_OFFER + "/decline")
    def decline_offer(self, request: Request, public_id: str, offer_id: str) -> Response:
        """Say no to what the other side has on the table."""
        return self._offer(term_sheets.decline_offer, offer_id)

    @extend_schema(request=None, responses=shapes.OfferSerializer)
    @action(detail=True, methods=["post"], url_path=_OFFER + "/withdraw")
    def withdraw_offer(self, request: Request, public_id: str, offer_id: str) -> Response:
        """Take your own offer off the table."""
        return self._offer(term_sheets.withdraw_offer, offer_id)

    @extend_schema(request=None, responses=DraftedSerializer)
    @action(detail=True, methods=["post"], url_path="draft-contract")
    def draft_contract(self, request: Request, public_id: str) -> Response:
        """The contract draft of the accepted offer; the one there is, when there is one."""
        room: DealRoom = self.get_object()
        made = draft_from_offer(actor=self.actor, room_id=room.pk)
        return Response({"contract": made.public_id})

    # --- Documents -------------------------------------------------------------------------------

    @extend_schema(responses=shapes.RoomDocumentSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def documents(self, request: Request, public_id: str) -> Response:
        """With versions; those of your side with who opened them."""
        rows = shown_documents(self._view())
        for row in rows:
            row.__dict__["files"] = list(row.files.all())
        return Response(shapes.RoomDocumentSerializer(rows, many=True).data)

    @extend_schema(
        request={"multipart/form-data": shapes.RoomDocumentWrite},
        responses={201: shapes.RoomFileSerializer},
    )
    @action(
        detail=True, methods=["post"], url_path="documents/put", parser_classes=[MultiPartParser]
    )
    def put_document(self, request: Request, public_id: str) -> Response:
        """A file as a new document, or as the next version of one of your side."""
        room: DealRoom = self.get_object()
        given = self._given(shapes.RoomDocumentWrite)
        row = room_documents.put_document(
            actor=self.actor, room_id=room.pk, upload=given["file"], title=given["title"],
            tier=given["tier"], side=given["side"], document_public_id=given["document"],
        )  # fmt: skip
        data = shapes.RoomFileSerializer(row).data
        return Response(data, status=status.HTTP_201_CREATED)

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        parameters=[OpenApiParameter("number", int, OpenApiParameter.PATH)],
    )
    @action(detail=True, methods=["get"], url_path=_DOCUMENT + r"/(?P<number>[0-9]{1,3})")
    def file(
        self, request: Request, public_id: str, room_document_id: str, number: str
    ) -> HttpResponse:
        """The bytes of a version; opening is logged, a PDF of another side carries your name."""
        return open_file(self.actor, self._view(), room_document_id, int(number))

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"], url_path=_DOCUMENT + "/withdraw")
    def withdraw_document(
        self, request: Request, public_id: str, room_document_id: str
    ) -> Response:
        """From now on the other sides neither see nor open it."""
        room: DealRoom = self.get_object()
        room_documents.withdraw_document(
            actor=self.actor, room_id=room.pk, document_public_id=room_document_id
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    # --- Shared ----------------------------------------------------------------------------------

    def _given(self, shape: Any) -> dict[str, Any]:
        given = shape(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _view(self) -> RoomView:
        return view_of(self.get_object(), self.actor)

    def _offer(self, act: Any, offer_id: str) -> Response:
        room: DealRoom = self.get_object()
        sheet: TermSheet = act(actor=self.actor, room_id=room.pk, sheet_public_id=offer_id)
        return Response(shapes.OfferSerializer(sheet).data)

    def _answer(self, room: DealRoom, code: int = status.HTTP_200_OK) -> Response:
        fresh = with_sides(DealRoom.objects.filter(pk=room.pk)).get()
        return Response(self.get_serializer(view_of(fresh, self.actor)).data, status=code)


def _organisation(public_id: str) -> int:
    """0 for none, which the action refuses."""
    found = Organisation.objects.filter(public_id=public_id).values_list("pk", flat=True).first()
    return found or 0
