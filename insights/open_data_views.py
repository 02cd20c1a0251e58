"""Open data: the page, its files, the key, and the list in the API."""

from typing import Any

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from insights.models import OpenDataEdition
from insights.open_data.making import given_out, names_of
from marketplace.core.errors import NotFound
from marketplace.core.gates import get_visible


@require_safe
def open_data_page(request: HttpRequest) -> HttpResponse:
    """Years, sizes, hashes, and how to check them."""
    rows = list(given_out())
    return render(
        request, "insights/open_data/page.html",
        {
            "rows": [{"row": row, "files": files_of(row)} for row in rows],
            "newest": rows[0] if rows else None,
            "this_year": str(timezone.localdate().year),
            "next_year": str(timezone.localdate().year + 1),
        },
    )  # fmt: skip


def files_of(row: OpenDataEdition) -> list[dict[str, Any]]:
    """Name, address and, but for manifest and signature, size, rows and hash."""
    return [
        {
            "name": name, "url": reverse("open_data_file", args=[row.year, name]),
            **{key: row.manifest["files"].get(name, {}).get(key)
               for key in ("bytes", "rows", "sha256")},
        }
        for name in names_of(row.manifest)
    ]  # fmt: skip


@require_safe
def open_data_file(request: HttpRequest, year: int, name: str) -> FileResponse:
    """One file of the edition that is given out now."""
    row = get_visible(given_out(), year=year)
    if name not in names_of(row.manifest):
        raise NotFound
    try:
        file = default_storage.open(f"{row.folder}/{name}")
    except FileNotFoundError:
        raise NotFound from None
    response = FileResponse(file, as_attachment=True, filename=name,
                            content_type="application/octet-stream")  # fmt: skip
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-cache"  # an old edition must not live on in caches
    return response


@require_safe
def open_data_key(request: HttpRequest) -> HttpResponse:
    """The public key that the newest edition was signed with, as PEM."""
    row = OpenDataEdition.objects.order_by("-made_at").first()
    if row is None:
        raise NotFound
    return HttpResponse(row.public_pem, content_type="application/x-pem-file")


class OpenDataFileSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    url = serializers.CharField()
    bytes = serializers.IntegerField(allow_null=True)
    rows = serializers.IntegerField(allow_null=True)
    sha256 = serializers.CharField(allow_null=True)


class OpenDataSerializer(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    edition = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    licence = serializers.CharField()
    key = serializers.CharField(help_text="Id of the key that signed the manifest.")
    public_key = serializers.CharField(help_text="PEM.")
    files = OpenDataFileSerializer(many=True)


class OpenDataView(APIView):
    """Years of the public register as signed files, newest first."""

    open_to_visitors = True
    required_scopes: dict[str, str] = {}

    @extend_schema(operation_id="open_data", responses=OpenDataSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(
            [
                {
                    "year": row.year, "edition": row.edition, "made_at": row.made_at,
                    "licence": row.manifest["licence"], "key": row.manifest["key"],
                    "public_key": row.public_pem, "files": files_of(row),
                }
                for row in given_out()
            ]
        )  # fmt: skip
