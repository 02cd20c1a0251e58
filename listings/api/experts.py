"""GET /experts/: who knows about something."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from listings.api.shapes import OwnerShape
from listings.forms.experts import read_asked
from listings.queries.experts import WHO, Expert, find_experts, with_listings
from marketplace.core.api.permissions import actor_of
from marketplace.core.codes import FIELDS
from marketplace.core.errors import field_error

ROWS = 20


class SpeakingShape(serializers.Serializer[Any]):
    """A listing that speaks for the party."""

    id = serializers.CharField(source="public_id")
    kind = serializers.CharField()
    title_en = serializers.CharField()
    title_zh = serializers.CharField()
    field = serializers.CharField()


class ExpertShape(serializers.Serializer[Any]):
    """An organisation, or a person who agreed to be found. Both are reached by an enquiry about
    one of the listings: POST /introductions/."""

    who = serializers.ChoiceField(choices=WHO)
    name = serializers.CharField(
        source="profile.user.name", default="", help_text="Of a person; else empty."
    )
    title = serializers.CharField(source="profile.title", default="")
    about = serializers.CharField(source="profile.about", default="")
    organisation = OwnerShape()
    country = serializers.CharField(source="organisation.country")
    region = serializers.CharField(source="organisation.region")
    field_codes = serializers.ListField(child=serializers.CharField(), source="fields")
    hits = serializers.IntegerField(help_text="Listings found, of those that were weighed.")
    listings = SpeakingShape(many=True, help_text="Up to three, the best first.")


class ExpertsShape(serializers.Serializer[Any]):
    results = ExpertShape(many=True)
    is_partial = serializers.BooleanField(help_text="No listing holds all words of the question.")


class ExpertsView(APIView):
    """Who knows about something: found by what they have posted under their own name."""

    open_to_visitors = True
    required_scopes: dict[str, str] = {"read": "listings:read"}

    @extend_schema(
        operation_id="experts",
        parameters=[
            OpenApiParameter("q", str, required=True, description="The question, in words."),
            OpenApiParameter("field", str, many=True, enum=[code.code for code in FIELDS]),
            OpenApiParameter("region", str, description="GB/T 2260 code of the organisation."),
            OpenApiParameter("who", str, enum=list(WHO)),
        ],
        responses=ExpertsShape,
    )
    def get(self, request: Request) -> Response:
        """The best 20 parties, with up to three listings that speak for each."""
        actor = actor_of(request)
        asked, ignored = read_asked(request.query_params)
        if ignored:
            raise field_error(ignored[0], _("This is not known."), code="unknown_value")
        found = find_experts(asked, actor)
        if not found.has_words:
            raise field_error("q", _("Say in a few words what somebody should know about."))
        experts: list[Expert] = with_listings(found.experts[:ROWS], actor)
        answer = {"results": experts, "is_partial": found.is_partial}
        return Response(ExpertsShape(answer).data)
