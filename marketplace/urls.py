"""Addresses of pages: one include per room, so that a feature's address leads to its room."""

from django.urls import include, path

from marketplace.core import health

urlpatterns = [
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("api/v1/", include("marketplace.api_urls")),
    path("", include("events.urls")),
    path("", include("accounts.urls")),
    path("", include("listings.urls")),
    path("", include("matching.urls")),
    path("", include("contracts.urls")),
    path("", include("deals.urls")),
    path("", include("insights.urls")),
    path("", include("marketplace.pages")),
]
handler400 = "marketplace.core.error_pages.bad_request"
handler403 = "marketplace.core.error_pages.forbidden"
handler404 = "marketplace.core.error_pages.not_found"
handler500 = "marketplace.core.error_pages.server_error"
