"""Routes of this room under /api/v1/."""

from rest_framework.routers import SimpleRouter

from matching.api.mandates import MandateViewSet
from matching.api.matches import MatchViewSet
from matching.api.triage import TriageViewSet

router = SimpleRouter()
router.register("matches", MatchViewSet, basename="match")
router.register("mandates", MandateViewSet, basename="mandate")
router.register("triage", TriageViewSet, basename="triage")
urlpatterns = router.urls
