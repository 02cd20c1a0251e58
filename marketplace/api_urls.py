"""The REST API, version 1: every room brings its own routes."""

from django.urls import include, path

from marketplace.core.api import docs, root

urlpatterns = [
    path("", root.ApiRoot.as_view(), name="api_root"),
    path("schema/", docs.SchemaView.as_view(), name="api_schema"),
    path("docs/", docs.DocsView.as_view(url_name="api_schema"), name="api_docs"),
    path("", include("marketplace.core.api.code_urls")),
    path("", include("events.api_urls")),
    path("", include("accounts.api_urls")),
    path("", include("listings.api_urls")),
    path("", include("matching.api_urls")),
    path("", include("contracts.api_urls")),
    path("", include("deals.api_urls")),
    path("", include("insights.api_urls")),
    path("", include("marketplace.operations.api_urls")),
]
