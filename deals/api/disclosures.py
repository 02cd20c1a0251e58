"""/disclosures/ and /disclosures/informal/."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from deals.actions import disclosure_decisions as decisions
from deals.actions import disclosure_signing as signing
from deals.actions import disclosures as actions
from deals.api import disclosure_shapes as shapes
from deals.models import Disclosure
from deals.queries import disclosures as queries
from deals.queries.cases import people_of
from deals.queries.cases import visible_to as cases_visible_to
from marketplace.core.actor import Actor
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.gates import get_visible

SCOPES: dict[str, str] = {"read": "disclosures:read", "write": "disclosures:write"}


def institution_id(given: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """`institution` as a key; one that is none is refused by the action."""
    if given.get("institution"):
        known = {one.public_id: one.pk for one in queries.institutions_for(actor)}
        given["institution"] = known.get(given["institution"], 0)
    elif "institution" in given:
        given["institution"] = None
    return given


class DisclosureViewSet(mixins.ListModelMixin, GatedViewSet):
    """Inventions disclosed in confidence: yours, those that you are to sign, and from their
    submission those made to your institution."""

    visible = staticmethod(queries.visible_to)
    required_scopes = SCOPES

    def get_queryset(self) -> QuerySet[Any]:
        return queries.with_people(super().get_queryset())

    def get_serializer_class(self) -> Any:
        return shapes.DisclosureRow if self.action == "list" else shapes.DisclosureSerializer

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self._answer(self.get_object())

    @extend_schema(request=shapes.DisclosureBegin, responses={201: shapes.DisclosureSerializer})
    def create(self, request: Request) -> Response:
        """Begin a draft, which nobody but you reads."""
        given = institution_id(self._given(shapes.DisclosureBegin), self.actor)
        wanted = given.pop("organisation")
        mine = queries.organisations_of(self.actor)
        made = actions.begin_disclosure(
            actor=self.actor, facts=given,
            organisation_id=get_visible(mine, public_id=wanted).pk if wanted else None,
        )  # fmt: skip
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(request=shapes.DisclosureWrite, responses=shapes.DisclosureSerializer)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Change what you name; signatures that were given become void."""
        found: Disclosure = self.get_object()
        given = shapes.DisclosureWrite(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changed, _voided = actions.change_disclosure(
            actor=self.actor, disclosure_id=found.pk, expected_version=self.expected_version(),
            facts=institution_id(dict(given.validated_data), self.actor),
        )  # fmt: skip
        return self._answer(changed)

    def destroy(self, request: Request, public_id: str) -> Response:
        """Delete a draft."""
        actions.delete_disclosure(actor=self.actor, disclosure_id=self.get_object().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=shapes.DisclosureInventorsWrite, responses=shapes.DisclosureSerializer)
    @action(detail=True, methods=["post"])
    def inventors(self, request: Request, public_id: str) -> Response:
        """Replace the inventors; signatures that were given become void."""
        return self._step(
            lambda **given: actions.set_inventors(**given)[0], shapes.DisclosureInventorsWrite
        )

    @extend_schema(request=None, responses=shapes.DisclosureSerializer)
    @action(detail=True, methods=["post"])
    def ask(self, request: Request, public_id: str) -> Response:
        """Send each inventor a link to sign."""
        return self._step(signing.ask_for_signatures)

    @extend_schema(request=shapes.DisclosureLinkWrite, responses=shapes.DisclosureSerializer)
    @action(detail=True, methods=["post"], url_path="send-link")
    def send_link(self, request: Request, public_id: str) -> Response:
        """A new link for one inventor; the older one stops working."""
        found: Disclosure = self.get_object()
        given = self._given(shapes.DisclosureLinkWrite)
        signing.send_link(actor=self.actor, disclosure_id=found.pk, **given)
        return self._answer(found)

    @extend_schema(request=shapes.DisclosureSignWrite, responses=shapes.DisclosureSerializer)
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, public_id: str) -> Response:
        """Sign as an inventor whose address you have confirmed; 412 when the content changed."""
        found: Disclosure = self.get_object()
        given = self._given(shapes.DisclosureSignWrite)
        signed = signing.sign_in_person(
            actor=self.actor, disclosure_id=found.pk, name=given["name"], seen=given["digest"]
        )
        return self._answer(signed)

    @extend_schema(request=shapes.DisclosureAcceptWrite, responses=shapes.DisclosureSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, public_id: str) -> Response:
        """Open a case of it, for your institution."""
        found: Disclosure = self.get_object()
        wanted = self._given(shapes.DisclosureAcceptWrite)["responsible"]
        pk = found.institution_id or 0
        by_id = {one.public_id: one.pk for one in people_of([pk])[pk]}
        decisions.accept_disclosure(
            actor=self.actor, disclosure_id=found.pk, expected_version=self.expected_version(),
            responsible=by_id.get(wanted, 0) if wanted else None,
        )  # fmt: skip
        return self._answer(found)

    @extend_schema(request=shapes.DisclosureReturnWrite, responses=shapes.DisclosureSerializer)
    @action(detail=True, methods=["post"], url_path="return")
    def give_back(self, request: Request, public_id: str) -> Response:
        """Give it back to its author with remarks."""
        return self._step(decisions.return_disclosure, shapes.DisclosureReturnWrite)

    @extend_schema(request=shapes.DisclosureDeclineWrite, responses=shapes.DisclosureSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, public_id: str) -> Response:
        """Not take it up, with a reason."""
        return self._step(decisions.decline_disclosure, shapes.DisclosureDeclineWrite)

    # --- Shared ---------------------------------------------------------------------------------

    def _given(self, shape: Any) -> dict[str, Any]:
        given = shape(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _step(self, act: Callable[..., Disclosure], shape: Any = None) -> Response:
        found: Disclosure = self.get_object()
        given = self._given(shape) if shape else {}
        return self._answer(
            act(
                actor=self.actor, disclosure_id=found.pk, expected_version=self.expected_version(),
                **given,
            )
        )  # fmt: skip

    def _answer(self, disclosure: Disclosure, code: int = status.HTTP_200_OK) -> Response:
        fresh = queries.with_people(Disclosure.objects.all()).get(pk=disclosure.pk)
        knows = cases_visible_to(self.actor).filter(pk=fresh.case_id or 0).exists()
        context = {**self.get_serializer_context(), "knows_case": knows}
        return Response(shapes.DisclosureSerializer(fresh, context=context).data, status=code)


class InformalViewSet(mixins.ListModelMixin, GatedViewSet):
    """Ways by which knowledge went out without a contract: yours, and those told to your
    institution."""

    serializer_class = shapes.InformalSerializer
    visible = staticmethod(queries.informal_visible_to)
    required_scopes = SCOPES

    def get_queryset(self) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset()
        return found.select_related("organisation", "institution")

    @extend_schema(request=shapes.InformalWrite, responses={201: shapes.InformalSerializer})
    def create(self, request: Request) -> Response:
        """Record one; no case is opened of it."""
        given = shapes.InformalWrite(data=request.data)
        given.is_valid(raise_exception=True)
        facts = institution_id(dict(given.validated_data), self.actor)
        made = actions.record_informal(actor=self.actor, facts=facts)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)
