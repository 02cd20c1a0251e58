"""Technologies and needs: reading what one may see, writing one's own."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Organisation
from listings.actions import bulk, documents, drafts, grants, lifecycle, proposals, revisions
from listings.actions.access import may_change
from listings.api import inputs, shapes
from listings.api.proposals import ProposalShape, ProposalsInput
from listings.coach import coach_stored
from listings.disclosure import disclosed, disclosed_many
from listings.filters import NeedFilter, TechnologyFilter
from listings.models import Listing
from listings.models.listings import Kind
from listings.queries.proposals import proposed_for, working_copy
from listings.queries.review import waiting_reviews
from listings.queries.visibility import visible_to
from marketplace.core.actor import Actor
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import NotFound, Refused, field_error
from marketplace.core.gates import get_visible

SCOPES: dict[str, str] = {"read": "listings:read", "write": "listings:write"}
_CHANGED = {200: shapes.ListingShape}


def _technologies(actor: Actor) -> QuerySet[Listing]:
    return visible_to(actor).filter(kind=Kind.TECHNOLOGY)


def _needs(actor: Actor) -> QuerySet[Listing]:
    return visible_to(actor).filter(kind=Kind.NEED)


class ListingViewSet(GatedViewSet):
    """What both kinds share. `kind` is set by the two subclasses."""

    kind: ClassVar[str]
    serializer_class = shapes.ListingShape
    required_scopes = SCOPES
    open_to_visitors = True
    reads_may_lag = True
    expandable = shapes.PARTS

    # --- reading ----------------------------------------------------------------------------------

    def list(self, request: Request) -> Response:
        """Those that you may see, newest first: published ones, and your own in every state."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        wanted = self._names("expand", self.expandable)
        seen = disclosed_many(page, self.actor, detail=bool(wanted - {"texts"}))
        serializer = self.get_serializer(
            [seen[row.pk] for row in page if row.pk in seen],
            many=True,
            context={
                **self.get_serializer_context(), "left_out": frozenset(self.expandable) - wanted,
            },
        )  # fmt: skip
        return self.get_paginated_response(serializer.data)

    def retrieve(self, request: Request, public_id: str) -> Response:
        """One, with all that you may see of it."""
        return Response(self.get_serializer(disclosed(self.get_object(), self.actor)).data)

    # --- writing ----------------------------------------------------------------------------------

    @extend_schema(request=inputs.NewListingInput, responses={201: shapes.ListingShape})
    def create(self, request: Request) -> Response:
        """Start a draft; nobody else sees it until it is submitted."""
        data = self._read(inputs.NewListingInput, request)
        owner = self._organisation(data.pop("owner"))
        made = drafts.create_draft(actor=self.actor, kind=self.kind, owner_id=owner.pk, data=data)
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(request=inputs.ListingInput)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Change what is given. A published listing is not touched: its revision is changed and
        returned (`is_revision`); submit that one."""
        data = self._read(inputs.ListingInput, request, partial=True)
        changed = drafts.save_draft(
            actor=self.actor,
            listing_id=self.get_object().pk,
            data=data,
            expected_version=self.expected_version(),
        )
        return self._answer(changed)

    def destroy(self, request: Request, public_id: str) -> Response:
        """Delete a draft that was never published, or discard a revision."""
        drafts.delete_draft(actor=self.actor, listing_id=self.get_object().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=inputs.BulkInput, responses={200: inputs.BulkAnswer})
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Create or change up to 200, each known by its id at the source; each item succeeds or
        fails on its own."""
        data = self._read(inputs.BulkInput, request)
        owner = self._organisation(data["owner"])
        outcomes: dict[int, bulk.Outcome] = {}
        good: list[tuple[int, str, dict[str, Any]]] = []
        for place, item in enumerate(data["items"]):
            given = inputs.BulkItem(data=item)
            if given.is_valid():
                content = dict(given.validated_data)
                good.append((place, content.pop("external_id"), content))
            else:
                outcomes[place] = bulk.Outcome(
                    str(item.get("external_id", ""))[:120], "refused", errors=_flat(given.errors)
                )
        done = bulk.upsert_listings(
            actor=self.actor, owner=owner, kind=self.kind, source=data["source"],
            items=[(identity, content) for _place, identity, content in good],
            submit_complete=data["submit"],
        )  # fmt: skip
        outcomes |= {place: row for (place, _i, _c), row in zip(good, done, strict=True)}
        return Response(
            {
                "results": [
                    {
                        "external_id": row.external_id,
                        "outcome": row.outcome,
                        "id": row.listing.public_id if row.listing else None,
                        "state": row.listing.state if row.listing else None,
                        "errors": [{"field": n, "message": text} for n, text in row.errors],
                    }
                    for _place, row in sorted(outcomes.items())
                ]
            }
        )

    # --- moves ------------------------------------------------------------------------------------

    @extend_schema(request=None, responses=_CHANGED)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, public_id: str) -> Response:
        """Hand a draft or revision in; of a trusted organisation it is published at once."""
        return self._moved(lifecycle.submit, expected_version=self.expected_version())

    @extend_schema(request=None, responses=_CHANGED)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, public_id: str) -> Response:
        """Take it back from review."""
        return self._moved(lifecycle.take_back)

    @extend_schema(request=None, responses=_CHANGED)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, public_id: str) -> Response:
        """Nobody finds it until it is resumed."""
        return self._moved(lifecycle.pause)

    @extend_schema(request=None, responses=_CHANGED)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, public_id: str) -> Response:
        """Show a paused one again."""
        return self._moved(lifecycle.resume)

    @extend_schema(request=None, responses=_CHANGED)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: str) -> Response:
        """Take it off the market."""
        return self._moved(lifecycle.withdraw)

    @extend_schema(request=None, responses=_CHANGED)
    @action(detail=True, methods=["post"])
    def fulfil(self, request: Request, public_id: str) -> Response:
        """A technology was transferred, or a need met."""
        return self._moved(lifecycle.mark_fulfilled)

    @extend_schema(request=None, responses=_CHANGED)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, public_id: str) -> Response:
        """A withdrawn or fulfilled one becomes a draft again."""
        return self._moved(lifecycle.reopen)

    @extend_schema(request=None, responses=_CHANGED)
    @action(detail=True, methods=["post"])
    def revise(self, request: Request, public_id: str) -> Response:
        """The revision of a published listing, started or continued."""
        return self._moved(revisions.start_revision)

    @extend_schema(request=inputs.RenewInput, responses=_CHANGED)
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, public_id: str) -> Response:
        """Extend the validity."""
        data = self._read(inputs.RenewInput, request)
        return self._moved(lifecycle.renew, until=data.get("until"))

    @extend_schema(request=None, responses=_CHANGED)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, public_id: str) -> Response:
        """Moderators: publish what was submitted."""
        return self._moved(lifecycle.approve)

    @extend_schema(request=inputs.ReasonInput, responses={204: None})
    @action(detail=True, methods=["post"], url_path="return")
    def give_back(self, request: Request, public_id: str) -> Response:
        """Moderators: return what was submitted, with a reason."""
        data = self._read(inputs.ReasonInput, request)
        lifecycle.return_(actor=self.actor, listing_id=self.get_object().pk, reason=data["reason"])
        return Response(status=status.HTTP_204_NO_CONTENT)

    # --- parts ------------------------------------------------------------------------------------

    @extend_schema(responses={200: shapes.CoachShape}, filters=False)
    @action(detail=True, methods=["get"])
    def coach(self, request: Request, public_id: str) -> Response:
        """What would make your listing better, the most valuable first."""
        return Response(shapes.CoachShape(coach_stored(self._own())).data)

    @extend_schema(responses={200: ProposalShape(many=True)}, filters=False)
    @action(detail=True, methods=["get"], url_path="proposed-specifications", pagination_class=None)
    def proposed_specifications(self, request: Request, public_id: str) -> Response:
        """Figures in the text of your listing that could be specifications; of a published one
        with a revision, in that."""
        found = proposed_for(working_copy(self._own()))
        return Response(ProposalShape(found, many=True).data)

    @extend_schema(request=ProposalsInput, responses=_CHANGED)
    @proposed_specifications.mapping.post
    def decide_proposed_specifications(self, request: Request, public_id: str) -> Response:
        """Take proposals as specifications, or dismiss them. Taking changes a draft, or the
        revision of a published listing, which is returned."""
        data = self._read(ProposalsInput, request)
        changed = proposals.decide_proposals(
            actor=self.actor, listing_id=self.get_object().pk, take=data["take"],
            dismiss=data["dismiss"], again=data["propose_again"],
            expected_version=self.expected_version(),
        )  # fmt: skip
        return self._answer(changed)

    @extend_schema(responses={200: shapes.VersionShape(many=True)}, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def versions(self, request: Request, public_id: str) -> Response:
        """Every published version of your listing, newest first."""
        return Response(shapes.VersionShape(self._own().versions.all()[:100], many=True).data)

    @extend_schema(
        request={"multipart/form-data": inputs.DocumentInput},
        responses={201: shapes.DocumentShape},
    )
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser], url_path="documents")
    def add_document(self, request: Request, public_id: str) -> Response:
        """Attach a file to a draft; of a published listing, to its revision."""
        data = self._read(inputs.DocumentInput, request)
        made = documents.add_document(
            actor=self.actor, listing_id=self.get_object().pk, upload=data["file"],
            title=data["title"], tier=data["tier"],
        )  # fmt: skip
        return Response(shapes.DocumentShape(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=inputs.ReleaseInput, responses={204: None})
    @action(detail=True, methods=["post"])
    def release(self, request: Request, public_id: str) -> Response:
        """Release your name, or texts up to a tier, to one organisation."""
        data = self._read(inputs.ReleaseInput, request)
        grants.release_to(
            actor=self.actor, listing_id=self.get_object().pk,
            organisation_id=self._organisation(data["organisation"]).pk, tier=data["tier"],
            reveals_owner=data["reveals_owner"], reason=data["reason"],
        )  # fmt: skip
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=inputs.ReleaseEnd, responses={204: None})
    @action(detail=True, methods=["post"], url_path="end-release")
    def end_release(self, request: Request, public_id: str) -> Response:
        """End what was released to an organisation."""
        data = self._read(inputs.ReleaseEnd, request)
        grants.end_release(
            actor=self.actor, listing_id=self.get_object().pk,
            organisation_id=self._organisation(data["organisation"]).pk,
        )  # fmt: skip
        return Response(status=status.HTTP_204_NO_CONTENT)

    # --- shared -----------------------------------------------------------------------------------

    def _read(self, shape: Any, request: Request, *, partial: bool = False) -> dict[str, Any]:
        given = shape(data=request.data, partial=partial)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _organisation(self, public_id: str) -> Organisation:
        """Any organisation by id; the action says whether the actor may act for it."""
        found = Organisation.objects.filter(public_id=public_id).first()
        if found is None:
            raise field_error("owner", _("There is no such organisation."), code="unknown_id")
        return found

    def _moved(self, move: Any, **more: Any) -> Response:
        return self._answer(move(actor=self.actor, listing_id=self.get_object().pk, **more))

    def _own(self) -> Listing:
        listing: Listing = self.get_object()
        if not may_change(listing, self.actor):
            raise Refused("not_your_listing", _("Only its owner’s editors see this."))
        return listing

    def _answer(self, listing: Listing, code: int = status.HTTP_200_OK) -> Response:
        # read again: the action's object holds parts from before
        fresh = get_visible(visible_to(self.actor).select_related("owner"), pk=listing.pk)
        return Response(shapes.ListingShape(disclosed(fresh, self.actor)).data, status=code)


@extend_schema_view(list=extend_schema(summary="Technologies"))
class TechnologyViewSet(ListingViewSet):
    """Technologies on offer."""

    kind = Kind.TECHNOLOGY
    visible = staticmethod(_technologies)
    filterset_class = TechnologyFilter


@extend_schema_view(list=extend_schema(summary="Needs"))
class NeedViewSet(ListingViewSet):
    """Needs: problems that somebody wants solved."""

    kind = Kind.NEED
    visible = staticmethod(_needs)
    filterset_class = NeedFilter


class ReviewViewSet(mixins.ListModelMixin, GatedViewSet):
    """What waits at the review desk (moderators). Decide at the listing: approve, return."""

    serializer_class = shapes.ReviewShape
    visible = staticmethod(waiting_reviews)
    required_scopes = SCOPES
    filter_backends = ()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Submissions that wait, newest first."""
        if not self.actor.is_moderator:
            raise NotFound
        return super().list(request, *args, **kwargs)


def _flat(errors: Any, path: str = "") -> list[tuple[str, str]]:
    """Nested serializer errors as (`specifications.0.unit`, message)."""
    if isinstance(errors, dict):
        items = [(str(key), value) for key, value in errors.items()]
    elif isinstance(errors, list) and any(isinstance(item, dict) for item in errors):
        items = [(str(place), value) for place, value in enumerate(errors)]
    else:
        return [(path, str(text)) for text in errors]
    return [row for key, value in items for row in _flat(value, f"{path}.{key}".strip("."))]
