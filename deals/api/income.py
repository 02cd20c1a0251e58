"""/income/, /distribution-runs/, /distribution-statements/."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from deals.actions import distribution, receipts
from deals.actions import income as actions
from deals.api import income_shapes as shapes
from deals.distribution.schemes import all_schemes
from deals.models import DistributionRun, IncomeAccount
from deals.queries import distribution as runs
from deals.queries import income as queries
from deals.queries import royalties
from deals.queries.dues import dues_of
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.gates import get_visible

SCOPES: dict[str, str] = {"read": "income:read", "write": "income:write"}


class _IncomeViewSet(GatedViewSet):
    required_scopes = SCOPES
    filterset_class: Any = None

    def _given(self, shape: Any) -> dict[str, Any]:
        given = shape(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _page(self, rows: Any, shape: Any) -> Response:
        page: Sequence[Any] = self.paginate_queryset(rows) or []
        return self.get_paginated_response(shape(page, many=True).data)


class IncomeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, _IncomeViewSet):
    """Income that your organisations keep of registered contracts."""

    serializer_class = shapes.IncomeAccountSerializer
    visible = staticmethod(queries.visible_to)

    def get_queryset(self) -> Any:
        return queries.with_sums(super().get_queryset())

    @extend_schema(
        request=shapes.OpenIncomeSerializer,
        responses={200: shapes.IncomeAccountSerializer, 201: shapes.IncomeAccountSerializer},
    )
    def create(self, request: Request) -> Response:
        """Keep the income of a contract from now on. 200 when it is kept already."""
        given = self._given(shapes.OpenIncomeSerializer)
        contract = get_visible(queries.sold_by(self.actor), public_id=given["contract"])
        account, is_new = actions.open_account(actor=self.actor, contract_id=contract.pk)
        return self._answer(account, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    @extend_schema(responses=shapes.DueSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def dues(self, request: Request, public_id: str) -> Response:
        """The stated sums of the contract: which are late, due, partly paid, paid."""
        account: IncomeAccount = self.get_object()
        rows = dues_of(
            queries.edition_of(account), queries.paid(account), timezone.localdate(),
            account.currency, royalties.stated_sums(account),
        )  # fmt: skip
        return Response(shapes.DueSerializer(rows, many=True).data)

    @extend_schema(request=shapes.SchemeWrite, responses=shapes.IncomeAccountSerializer)
    @action(detail=True, methods=["post"])
    def scheme(self, request: Request, public_id: str) -> Response:
        """Choose by which scheme the next runs distribute."""
        return self._step(actions.choose_scheme, **self._given(shapes.SchemeWrite))

    @extend_schema(methods=["get"], responses=shapes.InventorSerializer(many=True), filters=False)
    @extend_schema(
        methods=["post"], request=shapes.InventorsWrite, responses=shapes.IncomeAccountSerializer
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def inventors(self, request: Request, public_id: str) -> Response:
        """Who shares the inventors' part; a POST replaces them all."""
        if request.method == "POST":
            return self._step(actions.set_inventors, **self._given(shapes.InventorsWrite))
        account: IncomeAccount = self.get_object()
        return Response(shapes.InventorSerializer(account.beneficiaries.all(), many=True).data)

    @extend_schema(methods=["get"], responses=shapes.ReceiptSerializer(many=True), filters=False)
    @extend_schema(
        methods=["post"], request=shapes.ReceiptWrite, responses={201: shapes.ReceiptSerializer}
    )
    @action(detail=True, methods=["get", "post"])
    def receipts(self, request: Request, public_id: str) -> Response:
        """Money that came in, newest first; a POST enters some."""
        account: IncomeAccount = self.get_object()
        if request.method != "POST":
            return self._page(queries.of_account(account), shapes.ReceiptSerializer)
        facts = self._given(shapes.ReceiptWrite)
        row = receipts.enter_receipt(actor=self.actor, account_id=account.pk, facts=facts)
        return self._row(account, row.pk)

    @extend_schema(request=shapes.ReverseRowWrite, responses={201: shapes.ReceiptSerializer})
    @action(detail=True, methods=["post"], url_path="reverse-receipt")
    def reverse_receipt(self, request: Request, public_id: str) -> Response:
        """Take a receipt back by a row of its own."""
        account: IncomeAccount = self.get_object()
        given = self._given(shapes.ReverseRowWrite)
        row = receipts.reverse_receipt(
            actor=self.actor, account_id=account.pk, receipt=given["id"], words=given["words"]
        )
        return self._row(account, row.pk)

    @extend_schema(methods=["get"], responses=shapes.CostSerializer(many=True), filters=False)
    @extend_schema(
        methods=["post"], request=shapes.CostWrite, responses={201: shapes.CostSerializer}
    )
    @action(detail=True, methods=["get", "post"])
    def costs(self, request: Request, public_id: str) -> Response:
        """Money spent on what is licensed, newest first; a POST enters some."""
        account: IncomeAccount = self.get_object()
        if request.method != "POST":
            return self._page(account.costs.select_related("reverses"), shapes.CostSerializer)
        facts = self._given(shapes.CostWrite)
        row = receipts.enter_cost(actor=self.actor, account_id=account.pk, facts=facts)
        return Response(shapes.CostSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.ReverseRowWrite, responses={201: shapes.CostSerializer})
    @action(detail=True, methods=["post"], url_path="reverse-cost")
    def reverse_cost(self, request: Request, public_id: str) -> Response:
        """Take a cost back by a row of its own."""
        account: IncomeAccount = self.get_object()
        given = self._given(shapes.ReverseRowWrite)
        row = receipts.reverse_cost(
            actor=self.actor, account_id=account.pk, cost=given["id"], words=given["words"]
        )
        return Response(shapes.CostSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.RunWrite, responses={201: shapes.RunSerializer})
    @action(detail=True, methods=["post"], url_path="draft-run")
    def draft_run(self, request: Request, public_id: str) -> Response:
        """Draft a distribution of what no run holds, up to a day."""
        account: IncomeAccount = self.get_object()
        given = self._given(shapes.RunWrite)
        run = distribution.draft_run(
            actor=self.actor, account_id=account.pk, expected_version=self.expected_version(),
            **given,
        )  # fmt: skip
        return Response(shapes.RunSerializer(run).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=shapes.SchemeSerializer(many=True), filters=False)
    @action(detail=False, methods=["get"], pagination_class=None)
    def schemes(self, request: Request) -> Response:
        """Every scheme, with its sources."""
        return Response(shapes.SchemeSerializer(all_schemes().values(), many=True).data)

    def _step(self, act: Callable[..., IncomeAccount], **given: Any) -> Response:
        account: IncomeAccount = self.get_object()
        version = self.expected_version()
        return self._answer(
            act(actor=self.actor, account_id=account.pk, expected_version=version, **given)
        )

    def _answer(self, account: IncomeAccount, code: int = status.HTTP_200_OK) -> Response:
        fresh = queries.with_sums(IncomeAccount.objects.filter(pk=account.pk)).get()
        return Response(self.get_serializer(fresh).data, status=code)

    def _row(self, account: IncomeAccount, pk: int) -> Response:
        row = queries.of_account(account).get(pk=pk)
        return Response(shapes.ReceiptSerializer(row).data, status=status.HTTP_201_CREATED)


class RunViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, _IncomeViewSet):
    """Distributions of your organisations' income, newest first."""

    visible = staticmethod(runs.runs_visible_to)

    def get_queryset(self) -> Any:
        found = runs.with_people(super().get_queryset())
        return found if self.action == "list" else found.prefetch_related("lines")

    def get_serializer_class(self) -> Any:
        return shapes.RunRow if self.action == "list" else shapes.RunSerializer

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, public_id: str) -> Response:
        """Freeze a draft: by an owner who did not make it."""
        run: DistributionRun = self.get_object()
        version = self.expected_version()
        return self._told(
            distribution.approve_run(actor=self.actor, run_id=run.pk, expected_version=version)
        )

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, public_id: str) -> Response:
        """Give a draft up; its receipts are free again."""
        run: DistributionRun = self.get_object()
        distribution.discard_run(actor=self.actor, run_id=run.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=shapes.ReverseWrite, responses={201: shapes.RunSerializer})
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, public_id: str) -> Response:
        """Draft the run that takes an approved one back."""
        run: DistributionRun = self.get_object()
        given = self._given(shapes.ReverseWrite)
        made = distribution.reverse_run(actor=self.actor, run_id=run.pk, **given)
        return self._told(made, status.HTTP_201_CREATED)

    def _told(self, run: DistributionRun, code: int = status.HTTP_200_OK) -> Response:
        fresh = runs.with_people(DistributionRun.objects.filter(pk=run.pk)).get()
        return Response(shapes.RunSerializer(fresh).data, status=code)


class StatementViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, _IncomeViewSet):
    """Statements of approved runs: your own ones, and those of your organisations."""

    serializer_class = shapes.StatementSerializer
    visible = staticmethod(runs.statements_visible_to)
