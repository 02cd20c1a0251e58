"""Routes of this room under /api/v1/."""

from rest_framework.routers import SimpleRouter

from deals.api.introductions import IntroductionViewSet, RequestViewSet

router = SimpleRouter()
router.register("introductions/requests", RequestViewSet, basename="introduction-request")
router.register("introductions", IntroductionViewSet, basename="introduction")
urlpatterns = router.urls
