"""Routes of this room under /api/v1/."""

from rest_framework.routers import SimpleRouter

from deals.api.cases import CaseTaskViewSet, CaseViewSet, CaseViewViewSet
from deals.api.income import IncomeViewSet, RunViewSet, StatementViewSet
from deals.api.introductions import IntroductionViewSet, RequestViewSet
from deals.api.rooms import RoomViewSet
from deals.api.sales import SaleViewSet
from deals.api.valuations import ValuationViewSet

router = SimpleRouter()
router.register("tenders", SaleViewSet, basename="sale")
router.register("rooms", RoomViewSet, basename="room")
router.register("introductions/requests", RequestViewSet, basename="introduction-request")
router.register("introductions", IntroductionViewSet, basename="introduction")
router.register("valuations", ValuationViewSet, basename="valuation")
router.register("case-tasks", CaseTaskViewSet, basename="case-task")
router.register("case-views", CaseViewViewSet, basename="case-view")
router.register("cases", CaseViewSet, basename="case")
router.register("income", IncomeViewSet, basename="income")
router.register("distribution-runs", RunViewSet, basename="distribution-run")
router.register("distribution-statements", StatementViewSet, basename="distribution-statement")
urlpatterns = router.urls
