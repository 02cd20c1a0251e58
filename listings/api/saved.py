"""What the caller keeps: saved searches and favourites."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from listings.actions import saved
from listings.api.listings import SCOPES
from listings.disclosure import Disclosed
from listings.models import Favourite, SavedSearch
from listings.models.listings import Kind
from listings.models.saved import MAX_NAME, MAX_NOTE, MAX_QUERY
from listings.queries.saved import Kept, favourites_of, kept, searches_of
from listings.searches import address_of
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.bilingual import pick


class SavedSearchShape(serializers.ModelSerializer[SavedSearch]):
    """A search and how often it tells of what is new."""

    id = serializers.CharField(source="public_id")
    url = serializers.SerializerMethodField(help_text="The page of the list.")

    class Meta:
        model = SavedSearch
        fields = ["id", "name", "kind", "query", "frequency", "url", "told_at", "created_at"]
        read_only_fields = fields

    def get_url(self, search: SavedSearch) -> str:
        return address_of(search.kind, search.query)


class SavedSearchChange(serializers.Serializer[Any]):
    name = serializers.CharField(
        max_length=MAX_NAME, required=False, allow_blank=True,
        help_text="Left out or empty: named by what it asks for.",
    )  # fmt: skip
    frequency = serializers.ChoiceField(choices=SavedSearch.Frequency.choices, required=False)


class SavedSearchInput(SavedSearchChange):
    kind = serializers.ChoiceField(choices=Kind.values)
    query = serializers.CharField(
        max_length=2 * MAX_QUERY, allow_blank=True, trim_whitespace=False,
        help_text="The parameters of the list’s address, for example q=coating&field=new_materials",
    )  # fmt: skip


class SavedSearchViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Your saved searches; what is new for them comes as a notification and by mail."""

    serializer_class = SavedSearchShape
    visible = staticmethod(searches_of)
    required_scopes = SCOPES
    filter_backends = ()

    @extend_schema(request=SavedSearchInput, responses={201: SavedSearchShape})
    def create(self, request: Request) -> Response:
        """Save a search; the same one again gets the new name and frequency."""
        given = SavedSearchInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        query = QueryDict(data.pop("query").removeprefix("?"))
        made = saved.save_search(actor=self.actor, query=query, **data)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=SavedSearchChange)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Rename it, or change how often it tells."""
        search = self.get_object()
        given = SavedSearchChange(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changed = saved.change_search(actor=self.actor, search_id=search.pk, **given.validated_data)
        return Response(self.get_serializer(changed).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, public_id: str) -> Response:
        """Forget it."""
        saved.delete_search(actor=self.actor, search_id=self.get_object().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class KeptListing(serializers.Serializer[Disclosed]):
    id = serializers.CharField(source="public_id")
    kind = serializers.ChoiceField(choices=Kind.values)
    title = serializers.SerializerMethodField()
    url = serializers.CharField(source="get_absolute_url")

    def get_title(self, seen: Disclosed) -> str:
        return pick(seen, "title", get_language()).value


class FavouriteShape(serializers.Serializer[Kept]):
    """A listing that you keep; `listing` is null when it is no longer open to you."""

    id = serializers.CharField(source="favourite.public_id")
    note = serializers.CharField(source="favourite.note")
    created_at = serializers.DateTimeField(source="favourite.created_at")
    listing = serializers.SerializerMethodField()

    class Meta:
        model = Favourite

    @extend_schema_field(KeptListing(allow_null=True))
    def get_listing(self, row: Kept) -> Any:
        return KeptListing(row.seen).data if row.seen else None


class NoteInput(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=MAX_NOTE, allow_blank=True)


class FavouriteInput(serializers.Serializer[Any]):
    listing = serializers.CharField(max_length=10, help_text="Id of a technology or need.")
    note = serializers.CharField(max_length=MAX_NOTE, allow_blank=True, required=False)


class FavouriteViewSet(GatedViewSet):
    """What you keep, with your own notes; nobody else sees it."""

    serializer_class = FavouriteShape
    visible = staticmethod(favourites_of)
    required_scopes = SCOPES
    filter_backends = ()

    def list(self, request: Request) -> Response:
        """Those kept last first."""
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(
            self.get_serializer(kept(page, self.actor), many=True).data
        )

    def retrieve(self, request: Request, public_id: str) -> Response:
        """One of them."""
        return self._answer(self.get_object())

    @extend_schema(request=FavouriteInput, responses={201: FavouriteShape})
    def create(self, request: Request) -> Response:
        """Keep a listing; one that is kept already gets the note."""
        given = FavouriteInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        made = saved.keep(actor=self.actor, public_id=data["listing"], note=data.get("note"))
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(request=NoteInput)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Write your note."""
        favourite = self.get_object()
        given = NoteInput(data=request.data)
        given.is_valid(raise_exception=True)
        return self._answer(
            saved.change_note(
                actor=self.actor, favourite_id=favourite.pk, note=given.validated_data["note"]
            )
        )

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, public_id: str) -> Response:
        """Keep it no longer."""
        saved.drop(actor=self.actor, pk=self.get_object().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _answer(self, favourite: Favourite, code: int = status.HTTP_200_OK) -> Response:
        shown = kept([favourite], self.actor)[0]
        return Response(FavouriteShape(shown).data, status=code)
