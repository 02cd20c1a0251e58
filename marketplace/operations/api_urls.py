"""Routes of the operator's part under /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from marketplace.operations.api import HealthView, JobViewSet
from marketplace.operations.rematch_api import RematchViewSet

router = SimpleRouter()
router.register("operations/jobs", JobViewSet, basename="job")
router.register("operations/rematches", RematchViewSet, basename="rematch")
urlpatterns = [
    path("operations/health/", HealthView.as_view(), name="operations_health"),
    *router.urls,
]
