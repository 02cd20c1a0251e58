"""/referrals/, /commission-statements/, and the terms of a case under /brokerage/."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from deals.actions import agreements, brokerage, commissions, referral_carrying, referrals
from deals.api import referral_shapes as shapes
from deals.api.income_shapes import ReverseWrite
from deals.models import BrokerageAgreement, CommissionStatement, Referral
from deals.queries import cases
from deals.queries import commissions as fees
from deals.queries import referrals as queries
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.gates import get_visible

SCOPES: dict[str, str] = {"read": "referrals:read", "write": "referrals:write"}
FEES: dict[str, str] = {"read": "commissions:read", "write": "commissions:write"}


class _Given(GatedViewSet):
    filterset_class: Any = None

    def given(self, shape: Any) -> dict[str, Any]:
        found = shape(data=self.request.data)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)


class ReferralViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, _Given):
    """Cases offered in alliances of your institutions, and those that you have a part in."""

    required_scopes = SCOPES
    serializer_class = shapes.ReferralSerializer
    visible = staticmethod(queries.visible_to)

    def get_queryset(self) -> Any:
        return queries.with_names(super().get_queryset())

    @extend_schema(request=shapes.ReferralWrite, responses={201: shapes.ReferralSerializer})
    def create(self, request: Request) -> Response:
        """Offer one of your cases to an alliance."""
        given = self.given(shapes.ReferralWrite)
        case = get_visible(cases.visible_to(self.actor), public_id=given.pop("case"))
        made = referrals.publish_referral(
            actor=self.actor, case_id=case.pk, alliance=given.pop("alliance"), facts=given
        )
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(responses=shapes.ReferralClaimSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def claims(self, request: Request, public_id: str) -> Response:
        """All claims for whoever published it, your own ones otherwise."""
        rows = queries.claims_shown(self.get_object(), self.actor)
        return Response(shapes.ReferralClaimSerializer(rows, many=True).data)

    @extend_schema(
        request=shapes.ReferralClaimWrite, responses={201: shapes.ReferralClaimSerializer}
    )
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, public_id: str) -> Response:
        """Claim it and accept its split."""
        referral: Referral = self.get_object()
        given = self.given(shapes.ReferralClaimWrite)
        named = given.pop("organisation", "")
        mine = queries.claimants_of(self.actor, referral)
        row = referrals.claim_referral(
            actor=self.actor, referral_id=referral.pk, expected_version=self.expected_version(),
            organisation_id=get_visible(mine, public_id=named).pk if named else None, **given,
        )  # fmt: skip
        return Response(shapes.ReferralClaimSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.ReferralClaimStepWrite)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, public_id: str) -> Response:
        """Give the case to a claimant."""
        return self._step(referrals.confirm_claim, shapes.ReferralClaimStepWrite)

    @extend_schema(request=shapes.ReferralClaimStepWrite)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, public_id: str) -> Response:
        """Decline a claim, or withdraw your own."""
        referral: Referral = self.get_object()
        given = self.given(shapes.ReferralClaimStepWrite)
        return self._answer(
            referrals.release_claim(actor=self.actor, referral_id=referral.pk, **given)
        )

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: str) -> Response:
        """Take it off the board."""
        return self._step(referrals.withdraw_referral)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, public_id: str) -> Response:
        """Take the case back once a report is overdue."""
        return self._step(referral_carrying.take_back)

    @extend_schema(request=shapes.ReferralReportWrite)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, public_id: str) -> Response:
        """End it with a last report."""
        return self._step(referral_carrying.end_referral, shapes.ReferralReportWrite)

    @extend_schema(
        methods=["get"], responses=shapes.ReferralReportSerializer(many=True), filters=False
    )
    @extend_schema(
        methods=["post"],
        request=shapes.ReferralReportWrite,
        responses={201: shapes.ReferralReportSerializer},
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def reports(self, request: Request, public_id: str) -> Response:
        """Reports, for both institutions alone; a POST writes one."""
        referral: Referral = self.get_object()
        if request.method == "POST":
            row = referral_carrying.report(
                actor=self.actor, referral_id=referral.pk,
                expected_version=self.expected_version(), **self.given(shapes.ReferralReportWrite),
            )  # fmt: skip
            return Response(
                shapes.ReferralReportSerializer(row).data, status=status.HTTP_201_CREATED
            )
        is_party = bool(queries.side_of(referral, self.actor))
        rows = referral.reports.select_related("organisation")
        rows = rows if is_party else rows.none()
        return Response(shapes.ReferralReportSerializer(rows, many=True).data)

    @extend_schema(methods=["get"], responses=shapes.FeeSplitSerializer(many=True), filters=False)
    @extend_schema(
        methods=["post"], request=shapes.FeeSplitWrite, responses={201: shapes.FeeSplitSerializer}
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def splits(self, request: Request, public_id: str) -> Response:
        """Agreements on the fee, newest first; a POST proposes another."""
        referral: Referral = self.get_object()
        if request.method == "POST":
            row = agreements.propose_split(
                actor=self.actor, referral_id=referral.pk,
                expected_version=self.expected_version(), **self.given(shapes.FeeSplitWrite),
            )  # fmt: skip
            return Response(shapes.FeeSplitSerializer(row).data, status=status.HTTP_201_CREATED)
        is_party = bool(queries.side_of(referral, self.actor))
        rows = referral.agreements.all() if is_party else referral.agreements.none()
        return Response(shapes.FeeSplitSerializer(rows, many=True).data)

    @extend_schema(request=shapes.FeeSplitAnswerWrite)
    @action(detail=True, methods=["post"], url_path="answer-split")
    def answer_split(self, request: Request, public_id: str) -> Response:
        """Accept a proposed split, or do away with it."""
        return self._step(agreements.answer_split, shapes.FeeSplitAnswerWrite)

    def _step(self, act: Callable[..., Referral], shape: Any = None) -> Response:
        referral: Referral = self.get_object()
        given = self.given(shape) if shape else {}
        version = self.expected_version()
        return self._answer(
            act(actor=self.actor, referral_id=referral.pk, expected_version=version, **given)
        )

    def _answer(self, referral: Referral, code: int = status.HTTP_200_OK) -> Response:
        fresh = queries.with_names(Referral.objects.filter(pk=referral.pk)).get()
        return Response(self.get_serializer(fresh).data, status=code)


class BrokerageViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, _Given):
    """What your institutions agreed with the clients of their cases."""

    required_scopes = FEES
    serializer_class = shapes.BrokerageSerializer
    visible = staticmethod(fees.brokerages_visible_to)

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("case").order_by("-id")

    @extend_schema(request=shapes.BrokerageWrite)
    def create(self, request: Request) -> Response:
        """Enter or change the terms of a case."""
        given = self.given(shapes.BrokerageWrite)
        case = get_visible(cases.visible_to(self.actor), public_id=given.pop("case"))
        row = brokerage.agree_brokerage(
            actor=self.actor, case_id=case.pk, facts=given,
            expected_version=given.pop("version", None),
        )  # fmt: skip
        return Response(self.get_serializer(row).data)

    @extend_schema(
        request=shapes.CommissionDraftWrite, responses={201: shapes.CommissionSerializer}
    )
    @action(detail=True, methods=["post"], url_path="draft-statement")
    def draft_statement(self, request: Request, public_id: str) -> Response:
        """Work out what is due now."""
        row: BrokerageAgreement = self.get_object()
        made = commissions.draft_statement(
            actor=self.actor, case_id=row.case_id, facts=self.given(shapes.CommissionDraftWrite),
            expected_version=self.expected_version(),
        )  # fmt: skip
        told = shapes.CommissionSerializer(made, context={"request": request})
        return Response(told.data, status=status.HTTP_201_CREATED)


class CommissionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, _Given):
    """Statements of your cases, and approved ones in which your institution has a part."""

    required_scopes = FEES
    serializer_class = shapes.CommissionSerializer
    visible = staticmethod(fees.visible_to)

    def get_queryset(self) -> Any:
        return fees.with_names(super().get_queryset())

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, public_id: str) -> Response:
        """Freeze a draft: by an owner who did not make it."""
        row: CommissionStatement = self.get_object()
        version = self.expected_version()
        return self._told(
            commissions.approve_statement(
                actor=self.actor, statement_id=row.pk, expected_version=version
            )
        )

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, public_id: str) -> Response:
        """Give a draft up."""
        row: CommissionStatement = self.get_object()
        commissions.discard_statement(actor=self.actor, statement_id=row.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=ReverseWrite, responses={201: shapes.CommissionSerializer})
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, public_id: str) -> Response:
        """Draft the statement that takes an approved one back."""
        row: CommissionStatement = self.get_object()
        given = self.given(ReverseWrite)
        made = commissions.reverse_statement(actor=self.actor, statement_id=row.pk, **given)
        return self._told(made, status.HTTP_201_CREATED)

    def _told(self, row: CommissionStatement, code: int = status.HTTP_200_OK) -> Response:
        fresh = fees.with_names(CommissionStatement.objects.filter(pk=row.pk)).get()
        return Response(self.get_serializer(fresh).data, status=code)
