"""/tenders/: tenders and auctions by API; the same gates and actions as the pages."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Organisation
from deals.actions import sale_bidders, sale_bids, sale_opening, sale_results, sales
from deals.api import sale_shapes as shapes
from deals.models import Sale
from deals.queries import sales as queries
from deals.queries.sale_views import cards_of, view_of
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import NotFound, Refused, field_error

SCOPES: dict[str, str] = {"read": "tenders:read", "write": "tenders:write"}
_BIDDER = r"bidders/(?P<bidder_id>[0-9A-Z]{10})"
_PROXY = r"proxies/(?P<proxy_id>[0-9A-Z]{10})"
# their bodies hold what nobody may read, and a key's record keeps the hash of the body
_SECRET = {"seal", "reveal", "announce", "open_bids"}


class SaleViewSet(GatedViewSet):
    """Tenders and auctions: announced ones that you may know of, and your organisations' own."""

    serializer_class = shapes.SaleSerializer
    visible = staticmethod(queries.visible_to)
    required_scopes = SCOPES
    open_to_visitors = True
    answers_hold_secrets = True
    filterset_class = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if self.action in _SECRET and request.headers.get("Idempotency-Key"):
            raise field_error(
                "Idempotency-Key",
                "This step takes no key: send it again instead. A sealed bid replaces the one "
                "before.",
            )
        super().initial(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        return queries.with_parts(super().get_queryset())

    def list(self, request: Request) -> Response:
        """Newest first; `kind=tender` or `kind=auction`, `state=draft` and so on as stored."""
        rows = self.get_queryset()
        for name in ("kind", "state"):
            if request.query_params.get(name):
                rows = rows.filter(**{name: request.query_params[name].replace("\x00", "")[:10]})
        page = self.paginate_queryset(rows.order_by("-id")) or []
        cards = cards_of(list(page), self.actor)
        return self.get_paginated_response(self.get_serializer(cards, many=True).data)

    def retrieve(self, request: Request, public_id: str) -> Response:
        """One, with what you are in it and where it stands by the market's clock."""
        return self._answer(self.get_object())

    @extend_schema(request=shapes.SaleBegin, responses={201: shapes.SaleSerializer})
    def create(self, request: Request) -> Response:
        """Draft the sale of a published technology of yours or of a client of your institution."""
        given = self._given(shapes.SaleBegin)
        sale = sales.begin_sale(
            actor=self.actor, listing=given.pop("technology"), kind=given.pop("kind"), facts=given
        )
        return self._answer(sale, status.HTTP_201_CREATED)

    @extend_schema(request=shapes.SaleWrite, responses=shapes.SaleSerializer)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Change a draft; once announced its rules are frozen."""
        sale: Sale = self.get_object()
        given = shapes.SaleWrite(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return self._answer(
            sales.write_sale(
                actor=self.actor, sale_id=sale.pk, facts=dict(given.validated_data),
                expected_version=self.expected_version(),
            )
        )  # fmt: skip

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, public_id: str) -> Response:
        """Throw a draft away."""
        sales.discard_sale(actor=self.actor, sale_id=self.get_object().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    # --- Announcing, cancelling ------------------------------------------------------------------

    @extend_schema(request=None, responses=shapes.SaleKeySerializer)
    @action(detail=True, methods=["post"], url_path="take-key")
    def take_key(self, request: Request, public_id: str) -> Response:
        """A new opening key of a tender for your side. The one before is worthless."""
        sale: Sale = self.get_object()
        _sale, key = sales.take_key(actor=self.actor, sale_id=sale.pk)
        return Response({"opening_key": key})

    @extend_schema(request=shapes.AnnounceWrite, responses=shapes.SaleSerializer)
    @action(detail=True, methods=["post"])
    def announce(self, request: Request, public_id: str) -> Response:
        """Announce a draft; of a tender with the opening key, to be sure that it is kept."""
        return self._step(
            sales.announce_sale, shapes.AnnounceWrite, expected_version=self.expected_version()
        )

    @extend_schema(request=shapes.CancelSaleWrite, responses=shapes.SaleSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """Give it up, for a reason that everybody reads."""
        return self._step(sales.cancel_sale, shapes.CancelSaleWrite)

    # --- Bidders ---------------------------------------------------------------------------------

    @extend_schema(request=shapes.ApplyWrite, responses=shapes.SaleSerializer)
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, public_id: str) -> Response:
        """Ask to be admitted to bid."""
        sale: Sale = self.get_object()
        given = self._given(shapes.ApplyWrite)
        named = given.pop("organisation")
        if named:
            found = Organisation.objects.filter(public_id=named).values_list("pk", flat=True)
            given["organisation_id"] = found.first() or 0
        sale_bidders.apply_to_bid(actor=self.actor, sale_id=sale.pk, **given)
        return self._answer(sale)

    @extend_schema(
        methods=["get"], responses=shapes.SaleBidderSerializer(many=True), filters=False,
        description="For the seller: everybody who was invited or applied, with deposits.",
    )  # fmt: skip
    @extend_schema(
        methods=["post"], request=shapes.InviteWrite, responses=shapes.SaleSerializer,
        description="Invite an organisation.",
    )  # fmt: skip
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def bidders(self, request: Request, public_id: str) -> Response:
        if request.method == "POST":
            return self._step(sale_bidders.invite_bidder, shapes.InviteWrite)
        view = view_of(self.get_object(), self.actor)
        if not view.is_poster:
            raise Refused("sale_role", "This is for the seller.")
        return Response(shapes.SaleBidderSerializer(view.bidders, many=True).data)

    @extend_schema(request=shapes.DecideBidderWrite, responses=shapes.SaleSerializer)
    @action(detail=True, methods=["post"], url_path=_BIDDER + "/decide")
    def decide_bidder(self, request: Request, public_id: str, bidder_id: str) -> Response:
        """Admit an applicant, or refuse it with a reason."""
        return self._step(sale_bidders.decide_bidder, shapes.DecideBidderWrite, bidder=bidder_id)

    @extend_schema(request=shapes.DepositWrite, responses={201: shapes.DepositSerializer})
    @action(detail=True, methods=["post"], url_path=_BIDDER + "/deposits")
    def deposits(self, request: Request, public_id: str, bidder_id: str) -> Response:
        """Enter money that came in, went back or was forfeited."""
        sale: Sale = self.get_object()
        given = self._given(shapes.DepositWrite)
        made = sale_bidders.record_deposit(
            actor=self.actor, sale_id=sale.pk, bidder=bidder_id, **given
        )
        return Response(shapes.DepositSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        methods=["get"], responses=shapes.ProxySerializer(many=True), filters=False,
        description="Proxies of your organisation in this sale.",
    )  # fmt: skip
    @extend_schema(
        methods=["post"], request=shapes.ProxyWrite, responses={201: shapes.ProxySerializer},
        description="Let a person of another organisation bid for yours.",
    )  # fmt: skip
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def proxies(self, request: Request, public_id: str) -> Response:
        sale: Sale = self.get_object()
        if request.method == "POST":
            given = self._given(shapes.ProxyWrite)
            made = sale_bidders.name_proxy(actor=self.actor, sale_id=sale.pk, **given)
            return Response(shapes.ProxySerializer(made).data, status=status.HTTP_201_CREATED)
        rows = view_of(sale, self.actor).proxies
        return Response(shapes.ProxySerializer(rows, many=True).data)

    @extend_schema(request=None, responses=shapes.ProxySerializer)
    @action(detail=True, methods=["post"], url_path=_PROXY + "/end")
    def end_proxy(self, request: Request, public_id: str, proxy_id: str) -> Response:
        """Take a proxy back, at once."""
        sale: Sale = self.get_object()
        row = sale_bidders.end_proxy(actor=self.actor, sale_id=sale.pk, proxy=proxy_id)
        return Response(shapes.ProxySerializer(row).data)

    # --- Bids ------------------------------------------------------------------------------------

    @extend_schema(responses=shapes.BidSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def bids(self, request: Request, public_id: str) -> Response:
        """The last bids by bidders' numbers, newest first; of a decided tender ranked. Sealed ones
        without their amount."""
        view = view_of(self.get_object(), self.actor)
        return Response(shapes.BidSerializer(view.bids, many=True).data)

    @extend_schema(request=shapes.AmountWrite, responses=shapes.SaleSerializer)
    @action(detail=True, methods=["post"])
    def bid(self, request: Request, public_id: str) -> Response:
        """Bid in an auction. 409 when you lead already, or before and after the time."""
        return self._step(sale_bids.place_bid, shapes.AmountWrite)

    @extend_schema(request=shapes.AmountWrite, responses={201: shapes.SealedReceiptSerializer})
    @action(detail=True, methods=["post"])
    def seal(self, request: Request, public_id: str) -> Response:
        """Bid in a tender, or replace your bid. The receipt is shown in this answer alone."""
        sale: Sale = self.get_object()
        given = self._given(shapes.AmountWrite)
        made, receipt = sale_bids.seal_bid(actor=self.actor, sale_id=sale.pk, **given)
        told = {"number": made.number, "commitment": made.commitment, "receipt": receipt.facts}
        return Response(told, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=shapes.SaleSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: str) -> Response:
        """Take your sealed bid back until the end."""
        return self._step(sale_bids.withdraw_bid)

    # --- The end ---------------------------------------------------------------------------------

    @extend_schema(request=shapes.OpeningKeyWrite, responses=shapes.SaleSerializer)
    @action(detail=True, methods=["post"], url_path="open")
    def open_bids(self, request: Request, public_id: str) -> Response:
        """Open the sealed bids with your key: who opens with the seller first, then the seller."""
        return self._step(sale_opening.open_bids, shapes.OpeningKeyWrite)

    @extend_schema(request=None, responses=shapes.SaleSerializer)
    @action(detail=True, methods=["post"], url_path="ask-to-reveal")
    def ask_to_reveal(self, request: Request, public_id: str) -> Response:
        """The bids were not opened: from five days after the end on, bidders are asked to show
        their receipts within seven days."""
        return self._step(sale_opening.ask_to_reveal)

    @extend_schema(request=shapes.RevealWrite, responses=shapes.SaleSerializer)
    @action(detail=True, methods=["post"])
    def reveal(self, request: Request, public_id: str) -> Response:
        """Show your bid by its receipt."""
        return self._step(sale_opening.reveal_bid, shapes.RevealWrite)

    @extend_schema(request=shapes.MatchWrite, responses=shapes.SaleSerializer)
    @action(detail=True, methods=["post"])
    def match(self, request: Request, public_id: str) -> Response:
        """Match the winning price in your first refusal, or leave it."""
        return self._step(sale_opening.answer_match, shapes.MatchWrite)

    @extend_schema(responses=shapes.SaleResultSerializer, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def result(self, request: Request, public_id: str) -> Response:
        """The signed result, for who takes part."""
        view = view_of(self.get_object(), self.actor)
        made = getattr(view.sale, "result", None)
        if made is None or not view.sees_bids:
            raise NotFound
        return Response(shapes.SaleResultSerializer(made).data)

    @extend_schema(request=None, responses=shapes.SaleRoomSerializer)
    @action(detail=True, methods=["post"], url_path="open-room")
    def open_room(self, request: Request, public_id: str) -> Response:
        """Open the deal room with the winner, or name the one there is."""
        sale: Sale = self.get_object()
        room, _is_new = sale_results.open_sale_room(actor=self.actor, sale_id=sale.pk)
        return Response({"room": room.public_id})

    # --- Shared ----------------------------------------------------------------------------------

    def _given(self, shape: Any) -> dict[str, Any]:
        given = shape(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _step(self, act: Callable[..., Any], shape: Any = None, **more: Any) -> Response:
        sale: Sale = self.get_object()
        given = self._given(shape) if shape else {}
        act(actor=self.actor, sale_id=sale.pk, **given, **more)
        return self._answer(sale)

    def _answer(self, sale: Sale, code: int = status.HTTP_200_OK) -> Response:
        fresh = queries.with_parts(Sale.objects.filter(pk=sale.pk)).get()
        view = view_of(fresh, self.actor)
        return Response(self.get_serializer(view).data, status=code)
