"""Routes of this room under /api/v1/."""

from rest_framework.routers import SimpleRouter

from matching.api.matches import MatchViewSet

router = SimpleRouter()
router.register("matches", MatchViewSet, basename="match")
urlpatterns = router.urls
