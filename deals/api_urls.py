"""Routes of this room under /api/v1/."""

from rest_framework.routers import SimpleRouter

from deals.api.case_work import ApproachViewSet, AssessmentViewSet, IpEventViewSet
from deals.api.cases import CaseTaskViewSet, CaseViewSet, CaseViewViewSet
from deals.api.centres import CentreViewSet, OwnSchemeViewSet
from deals.api.disclosures import DisclosureViewSet, InformalViewSet
from deals.api.foreign_projects import ProgrammeViewSet, ProjectImportViewSet
from deals.api.gatherings import GatheringViewSet
from deals.api.income import IncomeViewSet, RunViewSet, StatementViewSet
from deals.api.introductions import IntroductionViewSet, RequestViewSet
from deals.api.referrals import BrokerageViewSet, CommissionViewSet, ReferralViewSet
from deals.api.requests import LocatorViewSet
from deals.api.rooms import RoomViewSet
from deals.api.royalties import RoyaltyViewSet
from deals.api.sales import SaleViewSet
from deals.api.service_reports import AllianceFigureViewSet, ServiceReportViewSet
from deals.api.valuations import ValuationViewSet
from deals.api.visits import VisitViewSet

router = SimpleRouter()
router.register("tenders", SaleViewSet, basename="sale")
router.register("rooms", RoomViewSet, basename="room")
router.register("introductions/requests", RequestViewSet, basename="introduction-request")
router.register("introductions", IntroductionViewSet, basename="introduction")
router.register("valuations", ValuationViewSet, basename="valuation")
router.register("centre-settings", CentreViewSet, basename="centre-settings")
router.register("distribution-schemes", OwnSchemeViewSet, basename="distribution-scheme")
router.register("case-tasks", CaseTaskViewSet, basename="case-task")
router.register("case-views", CaseViewViewSet, basename="case-view")
router.register("case-assessments", AssessmentViewSet, basename="case-assessment")
router.register("case-ip-events", IpEventViewSet, basename="case-ip-event")
router.register("case-approaches", ApproachViewSet, basename="case-approach")
router.register("cases", CaseViewSet, basename="case")
router.register("foreign-projects/imports", ProjectImportViewSet, basename="project-import")
router.register("foreign-projects/figures", ProgrammeViewSet, basename="programme")
router.register("disclosures/informal", InformalViewSet, basename="disclosure-informal")
router.register("disclosures", DisclosureViewSet, basename="disclosure")
router.register("income", IncomeViewSet, basename="income")
router.register("royalties", RoyaltyViewSet, basename="royalty")
router.register("distribution-runs", RunViewSet, basename="distribution-run")
router.register("distribution-statements", StatementViewSet, basename="distribution-statement")
router.register("gatherings", GatheringViewSet, basename="gathering")
router.register("requests", LocatorViewSet, basename="locator")
router.register("visits", VisitViewSet, basename="visit")
router.register("service-reports", ServiceReportViewSet, basename="service-report")
router.register("alliance-figures", AllianceFigureViewSet, basename="alliance-figure")
router.register("referrals", ReferralViewSet, basename="referral")
router.register("brokerage", BrokerageViewSet, basename="brokerage")
router.register("commission-statements", CommissionViewSet, basename="commission-statement")
urlpatterns = router.urls
