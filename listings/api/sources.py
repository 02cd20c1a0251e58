"""/operations/sources/: where listings are brought in from, for operators."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.queries.organisations import visible_to as organisations_visible_to
from listings.actions import sources as actions
from listings.connectors.words import words_for
from listings.models import HarvestSource
from listings.models.listings import Kind
from listings.models.sources import SourceKind
from listings.queries.sources import visible_to
from marketplace.core.actor import Actor
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import Refused, field_error

SCOPES: dict[str, str] = {"read": "operations:read", "write": "operations:write"}


class SourceShape(serializers.ModelSerializer[HarvestSource]):
    """The API key is never among it, only whether there is one."""

    id = serializers.CharField(source="public_id", read_only=True)
    owner = serializers.CharField(source="owner.public_id", help_text="Id of the organisation.")
    has_key = serializers.BooleanField()
    is_running = serializers.BooleanField(help_text="Inside a run: more pages are to come.")
    counts = serializers.DictField(child=serializers.IntegerField())
    report = serializers.ListField(
        child=serializers.DictField(), help_text="What the run left out: id, why, of, text."
    )
    field_codes = serializers.DictField(child=serializers.CharField())
    trouble_text = serializers.SerializerMethodField(help_text="`trouble` in words.")

    class Meta:
        model = HarvestSource
        fields = [
            "id", "name", "kind", "address", "selection", "owner", "listing_kind", "default_field",
            "field_codes", "has_key", "withdraws_deleted", "every_hours", "is_on", "is_running",
            "next_run_at", "last_run_at", "counts", "report", "trouble", "trouble_text",
            "trouble_detail", "trouble_at", "failures", "version",
        ]  # fmt: skip
        read_only_fields = fields

    def get_trouble_text(self, source: HarvestSource) -> str:
        return words_for(source.trouble)


class SourceChange(serializers.Serializer[Any]):
    """key: absent keeps the stored one, "" removes it; it is never answered."""

    address = serializers.CharField(max_length=500)
    selection = serializers.CharField(max_length=200, allow_blank=True, required=False)
    owner = serializers.CharField(max_length=10, help_text="Id of a verified organisation.")
    default_field = serializers.CharField(max_length=40, help_text="Code of a field.")
    field_codes = serializers.DictField(child=serializers.CharField(), required=False)
    key = serializers.CharField(
        max_length=300, allow_blank=True, required=False, write_only=True
    )  # fmt: skip
    withdraws_deleted = serializers.BooleanField(required=False)
    every_hours = serializers.IntegerField(min_value=1, max_value=1440, required=False)


class NewSource(SourceChange):
    name = serializers.CharField(max_length=60, help_text="Shown on each listing; stays.")
    kind = serializers.ChoiceField(choices=SourceKind.choices)
    listing_kind = serializers.ChoiceField(choices=Kind.choices, required=False)


class SourceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Repositories and feeds from which listings are brought in by themselves."""

    serializer_class = SourceShape
    visible = staticmethod(visible_to)
    required_scopes = SCOPES
    filter_backends = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not self.actor.is_operator:
            raise Refused("operators_only", _("Only operators of the platform may do this."))

    @extend_schema(request=NewSource, responses={201: SourceShape})
    def create(self, request: Request) -> Response:
        """Add a source, switched off."""
        given = NewSource(data=request.data)
        given.is_valid(raise_exception=True)
        made = actions.add_source(actor=self.actor, facts=_facts(given, self.actor))
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=SourceChange)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Change it. Name, format and kind of listing stay."""
        found = self.get_object()
        given = SourceChange(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changed = actions.change_source(
            actor=self.actor, source_id=found.pk, facts=_facts(given, self.actor),
            expected_version=self.expected_version(),
        )  # fmt: skip
        return Response(self.get_serializer(changed).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, public_id: str) -> Response:
        """Forget a paused source and its key; its listings stay."""
        actions.remove_source(actor=self.actor, source_id=self.get_object().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=SourceShape)
    @action(detail=True, methods=["post"], url_path="switch-on")
    def switch_on(self, request: Request, public_id: str) -> Response:
        """Read it from now on, first at once."""
        done = actions.switch_on(actor=self.actor, source_id=self.get_object().pk)
        return Response(self.get_serializer(done).data)

    @extend_schema(request=None, responses=SourceShape)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, public_id: str) -> Response:
        """Call it no more; the place in its list is kept."""
        done = actions.pause(actor=self.actor, source_id=self.get_object().pk)
        return Response(self.get_serializer(done).data)

    @extend_schema(request=None, responses=SourceShape)
    @action(detail=True, methods=["post"], url_path="run-now")
    def run_now(self, request: Request, public_id: str) -> Response:
        """Read it now instead of when it is due."""
        done = actions.run_now(actor=self.actor, source_id=self.get_object().pk)
        return Response(self.get_serializer(done).data)


def _facts(given: serializers.Serializer[Any], actor: Actor) -> dict[str, Any]:
    facts = dict(given.validated_data)
    if "owner" in facts:
        found = organisations_visible_to(actor).filter(public_id=facts["owner"]).first()
        if found is None:
            raise field_error("owner", _("There is no organisation of this name or id."))
        facts["owner"] = found
    return facts
