"""Routes of this room under /api/v1/."""

from rest_framework.routers import SimpleRouter

from events.api import NotificationViewSet

router = SimpleRouter()
router.register("notifications", NotificationViewSet, basename="notification")
urlpatterns = router.urls
