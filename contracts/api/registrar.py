"""/registrar/contracts/: the registration point's side."""

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contracts.actions import decisions, endings, examination
from contracts.api import serializers as shapes
from contracts.api.fields import AT_THE_DESK
from contracts.api.filters import DeskFilter
from contracts.queries import desk
from contracts.queries.visibility import with_details, with_parties
from marketplace.core.api.viewsets import GatedViewSet

if TYPE_CHECKING:
    from contracts.models import Contract


class DeskViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Contracts that were submitted to your registration point."""

    serializer_class = shapes.ContractSerializer
    visible = staticmethod(desk.at_points)
    required_scopes = AT_THE_DESK
    filterset_class = DeskFilter

    def get_queryset(self) -> Any:
        queryset = super().get_queryset()
        if self.action == "list":
            return with_parties(queryset)
        return with_details(queryset).prefetch_related("decisions")

    def get_serializer_class(self) -> Any:
        return shapes.ContractRow if self.action == "list" else shapes.ContractSerializer

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, public_id: str) -> Response:
        """Take a submitted contract to examine it."""
        return self._step(examination.claim, expected_version=self.expected_version())

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, public_id: str) -> Response:
        """Put a claimed contract back into the queue."""
        return self._step(examination.release)

    @extend_schema(request=shapes.ContractReturnWrite)
    @action(detail=True, methods=["post"], url_path="return", url_name="return")
    def return_(self, request: Request, public_id: str) -> Response:
        """Return it for completion, with words or with remarks at facts, or both."""
        return self._step(
            examination.return_,
            **self._given(shapes.ContractReturnWrite),
            expected_version=self.expected_version(),
        )

    @extend_schema(request=shapes.ContractRefuseWrite)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, public_id: str) -> Response:
        """Refuse the registration with a code of the rule set."""
        return self._step(
            decisions.refuse,
            **self._given(shapes.ContractRefuseWrite),
            expected_version=self.expected_version(),
        )

    @extend_schema(request=shapes.ContractYesWrite)
    @action(detail=True, methods=["post"])
    def register(self, request: Request, public_id: str) -> Response:
        """Register it: it gets its number, or goes on to second review when it is large."""
        return self._step(
            decisions.register_contract,
            **self._given(shapes.ContractYesWrite),
            expected_version=self.expected_version(),
        )

    @extend_schema(request=shapes.ContractYesWrite)
    @action(detail=True, methods=["post"], url_path="second-approve")
    def second_approve(self, request: Request, public_id: str) -> Response:
        """The second person’s yes: it is registered."""
        return self._step(
            decisions.approve_second,
            **self._given(shapes.ContractYesWrite),
            expected_version=self.expected_version(),
        )

    @extend_schema(request=shapes.ContractEndWrite)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, public_id: str) -> Response:
        """The second person hands it back to the examiner."""
        return self._step(decisions.send_back, **self._given(shapes.ContractEndWrite))

    @extend_schema(request=shapes.ContractEndWrite)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """End a registration at the parties’ request."""
        return self._step(
            endings.cancel,
            **self._given(shapes.ContractEndWrite),
            expected_version=self.expected_version(),
        )

    @extend_schema(request=shapes.ContractEndWrite)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, public_id: str) -> Response:
        """Revoke a registration that was obtained by fraud."""
        return self._step(
            endings.revoke,
            **self._given(shapes.ContractEndWrite),
            expected_version=self.expected_version(),
        )

    def _given(self, shape: type[Any]) -> dict[str, Any]:
        given = shape(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _step(self, step: Any, **values: Any) -> Response:
        found: Contract = self.get_object()
        step(actor=self.actor, contract_id=found.pk, **values)
        return Response(self.get_serializer(self.get_queryset().get(pk=found.pk)).data)
