"""Webhooks of an organisation, and the messages that were sent to them."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.queries import organisations
from events.models import Webhook, WebhookDelivery
from events.webhooks import actions, queries, sending
from events.webhooks.rates import WebhookRate
from marketplace.core.api.throttles import ByToken
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import Refused
from marketplace.core.gates import get_visible


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    id = serializers.CharField(source="public_id", read_only=True)
    stopped = serializers.CharField(
        read_only=True, help_text='"" while it is on; else by_owner, failed or gone.'
    )

    class Meta:
        model = Webhook
        fields = [
            "id", "url", "note", "kinds", "stopped", "failures", "failing_since", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class NewWebhookSerializer(WebhookSerializer):
    secret = serializers.CharField(help_text="Shown in this answer alone.")

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class WebhookWrite(serializers.Serializer[Any]):
    url = serializers.CharField(max_length=500, help_text="https, reached from the internet.")
    kinds = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=200,
        help_text="Codes of event kinds, see the reference of events.",
    )  # fmt: skip
    note = serializers.CharField(max_length=120, required=False, allow_blank=True)


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    id = serializers.CharField(source="public_id", read_only=True)
    message_id = serializers.SerializerMethodField(help_text="The header webhook-id.")
    state = serializers.CharField(read_only=True, help_text="waiting, delivered or given_up.")
    fault = serializers.CharField(read_only=True, help_text="Why there was no answer: a code.")

    class Meta:
        model = WebhookDelivery
        fields = [
            "id", "message_id", "kind", "state", "tries", "tried_at", "next_try_at", "status_code",
            "duration_ms", "fault", "answer", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_message_id(self, row: WebhookDelivery) -> str:
        return sending.message_id(row)


class _OfOrganisation(GatedViewSet):
    required_scopes = {"read": "webhooks:read", "write": "webhooks:write"}
    filter_backends = ()

    def own_hooks(self) -> QuerySet[Webhook]:
        """Those of the organisation in the address. Raises Refused for who is no owner."""
        organisation = get_visible(
            organisations.visible_to(self.actor), public_id=self.kwargs["organisation_id"]
        )
        if not self.actor.can(organisation.pk):
            raise Refused(
                "owners_only", _("Only owners of the organisation look after its webhooks.")
            )
        return queries.visible_to(self.actor).filter(organisation=organisation)


class WebhookViewSet(mixins.RetrieveModelMixin, _OfOrganisation):
    """Where programs of your organisation are told what happens."""

    serializer_class = WebhookSerializer
    answers_hold_secrets = True
    pagination_class = None

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return Webhook.objects.none()
        return self.own_hooks()

    @extend_schema(responses=WebhookSerializer(many=True))
    def list(self, request: Request, organisation_id: str) -> Response:
        """All of them, oldest first: ten at most."""
        return Response(self.get_serializer(self.get_queryset(), many=True).data)

    @extend_schema(request=WebhookWrite, responses={201: NewWebhookSerializer})
    def create(self, request: Request, organisation_id: str) -> Response:
        """Add one; its secret is in this answer alone."""
        given = WebhookWrite(data=request.data)
        given.is_valid(raise_exception=True)
        organisation = get_visible(organisations.visible_to(self.actor), public_id=organisation_id)
        made, secret = actions.add_webhook(
            actor=self.actor, organisation_id=organisation.pk, **given.validated_data
        )
        return self._with_secret(made, secret, status.HTTP_201_CREATED)

    @extend_schema(request=WebhookWrite)
    def partial_update(self, request: Request, organisation_id: str, public_id: str) -> Response:
        """Change address, kinds or note."""
        found = self.get_object()
        given = WebhookWrite(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changed = actions.change_webhook(
            actor=self.actor, webhook_id=found.pk, facts=given.validated_data
        )
        return Response(self.get_serializer(changed).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, organisation_id: str, public_id: str) -> Response:
        """Remove it with its messages."""
        actions.remove_webhook(actor=self.actor, webhook_id=self.get_object().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=NewWebhookSerializer)
    @action(detail=True, methods=["post"])
    def secret(self, request: Request, organisation_id: str, public_id: str) -> Response:
        """A new secret; the one before signs as well for a day."""
        hook, secret = actions.change_secret(actor=self.actor, webhook_id=self.get_object().pk)
        return self._with_secret(hook, secret, status.HTTP_200_OK)

    @extend_schema(request=None, responses=WebhookSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, organisation_id: str, public_id: str) -> Response:
        """Switch it on; what was missed is not sent."""
        hook = actions.start_webhook(actor=self.actor, webhook_id=self.get_object().pk)
        return Response(self.get_serializer(hook).data)

    @extend_schema(request=None, responses=WebhookSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, organisation_id: str, public_id: str) -> Response:
        """Switch it off; what waits is given up."""
        hook = actions.stop_webhook(actor=self.actor, webhook_id=self.get_object().pk)
        return Response(self.get_serializer(hook).data)

    @extend_schema(request=None, responses={202: DeliverySerializer})
    @action(detail=True, methods=["post"], throttle_classes=[ByToken, WebhookRate])
    def test(self, request: Request, organisation_id: str, public_id: str) -> Response:
        """Send a message of the kind webhook.test."""
        row = actions.send_test(actor=self.actor, webhook_id=self.get_object().pk)
        return Response(DeliverySerializer(row).data, status=status.HTTP_202_ACCEPTED)

    def _with_secret(self, hook: Webhook, secret: str, code: int) -> Response:
        body = {**WebhookSerializer(hook).data, "secret": secret}
        return Response(body, status=code, headers={"Cache-Control": "no-store"})


class DeliveryViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, _OfOrganisation):
    """Messages of the last thirty days to one webhook, newest first."""

    serializer_class = DeliverySerializer

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return WebhookDelivery.objects.none()
        hook = get_visible(self.own_hooks(), public_id=self.kwargs["webhook_id"])
        return queries.deliveries_visible_to(self.actor).filter(webhook=hook)

    @extend_schema(request=None, responses={202: DeliverySerializer})
    @action(detail=True, methods=["post"], throttle_classes=[ByToken, WebhookRate])
    def retry(
        self, request: Request, organisation_id: str, webhook_id: str, public_id: str
    ) -> Response:
        """Send it now, once more if it was delivered."""
        row = actions.try_again(actor=self.actor, delivery_id=self.get_object().pk)
        return Response(self.get_serializer(row).data, status=status.HTTP_202_ACCEPTED)
