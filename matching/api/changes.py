"""GET /matches/changes/: for programs that keep a copy of their matches."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.core.api.permissions import actor_of
from marketplace.core.errors import field_error
from matching.api.shapes import MatchSerializer
from matching.queries.changes import MOST, PAGE, changes
from matching.readings import read_many


class ChangeShape(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="Of the match.")
    change = serializers.ChoiceField(
        choices=["new", "rescored", "answered", "gone"],
        help_text="The last of what happened to it since the cursor.",
    )  # fmt: skip
    match = MatchSerializer(allow_null=True, help_text="As it is now; null when it is gone.")


class ChangesShape(serializers.Serializer[Any]):
    results = ChangeShape(many=True)
    cursor = serializers.CharField(help_text="Always given: ask with it next time.")
    more = serializers.BooleanField(help_text="There are more changes now.")


class ChangesView(APIView):
    """What has changed of the matches of your organisations."""

    open_to_visitors = False
    required_scopes = {"read": "matches:read"}

    @extend_schema(
        operation_id="matches_changes",
        parameters=[
            OpenApiParameter(
                "cursor", str,
                description="From the last answer. Without it: all matches that there are.",
            ),
            OpenApiParameter("limit", int, description="1 to 500; 100 when left out."),
        ],
        responses=ChangesShape,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Changes since a cursor, in order, each match once in an answer.

        A match that changes again comes again. Nothing is missed that is written meanwhile, and a
        change is told as soon as all that began before it is decided, mostly at once.
        """
        actor = actor_of(request)
        found = changes(
            actor, request.query_params.get("cursor", ""),
            limit=_limit(request.query_params.get("limit", "")),
        )  # fmt: skip
        matches = [row.match for row in found.rows if row.match is not None]
        readings = {one.public_id: one for one in read_many(matches, actor)}
        rows = [
            {"id": row.public_id, "change": row.kind, "match": readings.get(row.public_id)}
            for row in found.rows
        ]
        answer = {"results": rows, "cursor": found.cursor, "more": found.more}
        return Response(ChangesShape(answer).data)


def _limit(given: str) -> int:
    if not given:
        return PAGE
    if len(given) <= 3 and given.isascii() and given.isdigit() and 1 <= int(given) <= MOST:
        return int(given)
    raise field_error("limit", _("Give a number from 1 to 500."), code="out_of_range")
