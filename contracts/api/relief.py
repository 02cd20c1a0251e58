"""/contracts/{id}/relief/ and /relief/{organisation}/{year}/: information, never advice."""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contracts.api.fields import TO_READ, money_field, paid_field
from contracts.api.review import SaidSerializer
from contracts.api.rule_sets import ReliefRuleSerializer
from contracts.queries import relief as queries
from contracts.relief import Given, Line, Verdict, of_contract, of_year
from contracts.relief_words import REASONS
from contracts.rule_sets import rule_set
from marketplace.core.api.permissions import actor_of
from marketplace.core.errors import NotFound, field_error
from marketplace.core.gates import get_visible


class ReliefInputsWrite(serializers.Serializer[Any]):
    """What only the firm knows, in CNY. Nothing of it is stored."""

    revenue = paid_field(required=False, help_text="Else what is supposed.")
    cost = paid_field(required=False)
    taxes = paid_field(required=False)
    related = serializers.BooleanField(required=False, help_text="The other side is 100 % related.")
    restricted = serializers.BooleanField(
        required=False, help_text="A prohibited or restricted export."
    )
    confirmed = serializers.BooleanField(
        required=False, help_text="The firm says that it qualifies where the register cannot tell."
    )
    one_invoice = serializers.BooleanField(
        required=False,
        help_text="Consulting or a service on the invoice of a transfer or development.",
    )


class YearInputsWrite(serializers.Serializer[Any]):
    contracts = serializers.DictField(
        child=ReliefInputsWrite(), required=False, help_text="By the public id of a contract."
    )


class VerdictSerializer(serializers.Serializer[Any]):
    counts = serializers.BooleanField()
    asks = serializers.BooleanField(help_text="`confirmed` or `one_invoice` decides.")
    reason = serializers.CharField()
    text = serializers.SerializerMethodField(help_text="The reason in the caller's language.")

    def get_text(self, verdict: Verdict) -> str:
        return str(REASONS[verdict.reason])


class ReliefLineSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="income_tax, vat, deduction or reward.")
    verdict = VerdictSerializer()
    is_unconfirmed = serializers.BooleanField(source="unconfirmed")
    figures = serializers.SerializerMethodField(help_text="Name -> CNY; empty if not counted.")
    rule = ReliefRuleSerializer(source="relief", allow_null=True)

    def get_figures(self, line: Line) -> dict[str, str]:
        return {name: f"{value:.2f}" for name, value in line.figures}


class ContractReliefSerializer(serializers.Serializer[Any]):
    """As if it were the firm's only contract of the year."""

    contract = serializers.CharField()
    rule_set = serializers.CharField()
    caveat = SaidSerializer()
    lines = ReliefLineSerializer(many=True)


class YearRowSerializer(serializers.Serializer[Any]):
    contract = serializers.CharField()
    number = serializers.CharField()
    revenue = money_field(source="given.revenue")
    cost = money_field(source="given.cost")
    taxes = money_field(source="given.taxes")
    income = money_field(source="given.income")
    verdict = VerdictSerializer()


class IncomeTaxSerializer(serializers.Serializer[Any]):
    income = money_field()
    exempt = money_field()
    halved = money_field(help_text="Taxed at half the rate.")
    due = money_field()
    usual = money_field(help_text="Without the relief.")
    saved = money_field()


class YearReliefSerializer(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    caveat = SaidSerializer()
    rule = ReliefRuleSerializer(allow_null=True)
    tax = IncomeTaxSerializer(allow_null=True)
    contracts = YearRowSerializer(many=True)
    is_cut = serializers.BooleanField(help_text="More contracts exist than are counted.")


def _given(facts: dict[str, Any], supposed: Any) -> Given:
    return Given(**{"revenue": supposed, **facts})


class ContractReliefView(APIView):
    """Tax reliefs of one contract, for its parties."""

    open_to_visitors = False
    required_scopes = TO_READ

    @extend_schema(operation_id="contracts_relief", responses=ContractReliefSerializer)
    def get(self, request: Request, contract_id: str) -> Response:
        """With the technology amount as revenue and no costs."""
        return self._told(request, contract_id, {})

    @extend_schema(
        operation_id="contracts_relief_of", request=ReliefInputsWrite,
        responses=ContractReliefSerializer,
    )  # fmt: skip
    def post(self, request: Request, contract_id: str) -> Response:
        """With what the firm knows. Stores nothing."""
        asked = ReliefInputsWrite(data=request.data)
        asked.is_valid(raise_exception=True)
        return self._told(request, contract_id, asked.validated_data)

    def _told(self, request: Request, contract_id: str, given: dict[str, Any]) -> Response:
        contract = get_visible(queries.estimable(actor_of(request)), public_id=contract_id)
        facts = queries.facts_of(contract, timezone.localdate())
        reliefs = rule_set(contract.rule_set).reliefs
        told = {
            "contract": contract.public_id, "rule_set": contract.rule_set,
            "caveat": reliefs.caveat,
            "lines": of_contract(facts, _given(given, facts.amount), reliefs),
        }  # fmt: skip
        return Response(ContractReliefSerializer(told).data)


class YearReliefView(APIView):
    """A firm's corporate income tax on technology transfer in a year."""

    open_to_visitors = False
    required_scopes = TO_READ

    @extend_schema(operation_id="relief_of_year", responses=YearReliefSerializer)
    def get(self, request: Request, organisation_id: str, year: int) -> Response:
        """With the technology amount as revenue in the year of signing, and no costs."""
        return self._told(request, organisation_id, year, {})

    @extend_schema(
        operation_id="relief_of_year_of", request=YearInputsWrite, responses=YearReliefSerializer
    )
    def post(self, request: Request, organisation_id: str, year: int) -> Response:
        """With what the firm knows of each contract. Stores nothing."""
        asked = YearInputsWrite(data=request.data)
        asked.is_valid(raise_exception=True)
        return self._told(request, organisation_id, year, asked.validated_data.get("contracts", {}))

    def _told(
        self, request: Request, organisation_id: str, year: int, given: dict[str, Any]
    ) -> Response:
        actor = actor_of(request)
        firm = get_visible(queries.firms(actor), public_id=organisation_id)
        today = timezone.localdate()
        if not queries.FIRST_YEAR <= year <= today.year:
            raise NotFound
        entries = queries.entries_of_year(actor, firm, year, today, queries.MOST_BY_API)
        if unknown := sorted(set(given) - {entry.contract.public_id for entry in entries}):
            raise field_error(
                "contracts",
                _("No contracts of this firm and year: %(ids)s.")
                % {"ids": ", ".join(unknown)[:200]},
            )
        reliefs = queries.reliefs_on(dt.date(year, 12, 31))
        pairs = [
            (entry.facts, _given(given.get(entry.contract.public_id, {}), entry.supposed))
            for entry in entries
        ]
        year_told = of_year(year, pairs, queries.reliefs_on)
        told = {
            "year": year, "caveat": reliefs.caveat, "rule": year_told.relief,
            "tax": year_told.tax, "is_cut": len(entries) == queries.MOST_BY_API,
            "contracts": [
                {
                    "contract": entry.contract.public_id, "number": entry.contract.number,
                    "given": row.given, "verdict": row.verdict,
                }
                for entry, row in zip(entries, year_told.rows, strict=True)
            ],
        }  # fmt: skip
        return Response(YearReliefSerializer(told).data)
