"""Routes of this room under /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from matching.api.ask import AskViewSet
from matching.api.changes import ChangesView
from matching.api.mandates import MandateViewSet
from matching.api.matches import MatchViewSet
from matching.api.triage import TriageViewSet

router = SimpleRouter()
router.register("matches", MatchViewSet, basename="match")
router.register("mandates", MandateViewSet, basename="mandate")
router.register("triage", TriageViewSet, basename="triage")
urlpatterns = [
    path("matches/rank/", AskViewSet.as_view({"post": "rank"}), name="match-rank"),
    path("matches/score/", AskViewSet.as_view({"post": "score"}), name="match-score"),
    path("matches/changes/", ChangesView.as_view(), name="match-changes"),
    *router.urls,
]
