"""Routes of this room under /api/v1/."""

from django.urls import URLPattern, URLResolver, path
from rest_framework.routers import SimpleRouter

from contracts.api.certificates import (
    CertificateCheckView,
    CertificateViewSet,
    SealKeysView,
)
from contracts.api.classification import ContractTypeView
from contracts.api.contracts import ContractFileViewSet, ContractViewSet
from contracts.api.imports import ContractImportViewSet, SubmitManyView
from contracts.api.model_contracts import ModelContractViewSet
from contracts.api.party_history import PartyHistoryViewSet
from contracts.api.questions import ContractQuestionViewSet, RegistrarQuestionViewSet
from contracts.api.register import RegisterViewSet, RuleSetsView
from contracts.api.registrar import DeskViewSet
from contracts.api.relief import ContractReliefView, YearReliefView
from contracts.api.review import ClauseReviewViewSet
from contracts.api.rule_sets import RuleSetDifferencesView, RuleSetView
from contracts.api.screening import (
    ByOrder,
    CatalogueViewSet,
    ContractScreeningViewSet,
    HitViewSet,
    ScreeningView,
)
from contracts.api.workload import WorkloadViewSet

router = SimpleRouter()
router.register("contracts", ContractViewSet, basename="contract")
router.register("contract-imports", ContractImportViewSet, basename="contract-import")
router.register("registrar/contracts", DeskViewSet, basename="registrar-contract")
router.register("register", RegisterViewSet, basename="register-entry")

_files = "contracts/<str:contract_id>/files/"
urlpatterns: list[URLPattern | URLResolver] = [
    path("contracts/submit/", SubmitManyView.as_view(), name="contract-submit-many"),
    path("contract-type/", ContractTypeView.as_view(), name="contract-type"),
    path("rule-sets/", RuleSetsView.as_view(), name="rule-set-list"),
    path("seal-keys/", SealKeysView.as_view(), name="seal-key-list"),
    path(
        "register/<str:number>/certificate/",
        CertificateCheckView.as_view(),
        name="certificate-check",
    ),
    path(
        "contracts/<str:contract_id>/model/",
        ModelContractViewSet.as_view({"get": "content"}),
        name="contract-model",
    ),
    path(
        "contracts/<str:contract_id>/certificate/",
        CertificateViewSet.as_view({"get": "retrieve"}),
        name="contract-certificate",
    ),
    path(
        "contracts/<str:contract_id>/certificate/content/",
        CertificateViewSet.as_view({"get": "content"}),
        name="contract-certificate-content",
    ),
    path("rule-sets/<slug:rules_code>/", RuleSetView.as_view(), name="rule-set-detail"),
    path(
        "rule-sets/<slug:rules_code>/differences/",
        RuleSetDifferencesView.as_view(),
        name="rule-set-differences",
    ),
    path(
        "contracts/<str:contract_id>/relief/", ContractReliefView.as_view(), name="contract-relief"
    ),
    path(
        "relief/<str:organisation_id>/<int:year>/", YearReliefView.as_view(), name="relief-of-year"
    ),
    path(
        _files,
        ContractFileViewSet.as_view({"get": "list", "post": "create"}),
        name="contract-file-list",
    ),
    path(
        f"{_files}<str:public_id>/",
        ContractFileViewSet.as_view({"delete": "destroy"}),
        name="contract-file-detail",
    ),
    path(
        f"{_files}<str:public_id>/content/",
        ContractFileViewSet.as_view({"get": "content"}),
        name="contract-file-content",
    ),
    path(
        "contracts/<str:contract_id>/review/",
        ClauseReviewViewSet.as_view({"get": "retrieve"}),
        name="contract-review",
    ),
    # export and import screening
    path("screening/", ScreeningView.as_view(), name="screening-check"),
    path(
        "catalogues/",
        CatalogueViewSet.as_view({"get": "list", "post": "create"}),
        name="catalogue-list",
    ),
    path(
        "catalogues/<str:public_id>/",
        CatalogueViewSet.as_view({"get": "retrieve"}),
        name="catalogue-detail",
    ),
    path(
        "catalogues/<str:public_id>/entries/",
        CatalogueViewSet.as_view({"get": "entries"}, pagination_class=ByOrder),
        name="catalogue-entries",
    ),
    path(
        "contracts/<str:contract_id>/screening/",
        ContractScreeningViewSet.as_view({"get": "retrieve"}),
        name="contract-screening",
    ),
    path(
        "registrar/contracts/<str:contract_id>/hits/<int:hit_id>/",
        HitViewSet.as_view({"post": "decide"}),
        name="registrar-contract-hit",
    ),
    path(
        "contracts/<str:contract_id>/questions/",
        ContractQuestionViewSet.as_view({"get": "list"}),
        name="contract-question-list",
    ),
    path(
        "contracts/<str:contract_id>/questions/<str:question_id>/answers/",
        ContractQuestionViewSet.as_view({"post": "create"}),
        name="contract-question-answer",
    ),
    path(
        "contracts/<str:contract_id>/answers/<str:answer_id>/content/",
        ContractQuestionViewSet.as_view({"get": "content"}),
        name="contract-answer-content",
    ),
    path(
        "registrar/contracts/<str:contract_id>/questions/",
        RegistrarQuestionViewSet.as_view({"get": "list", "post": "create"}),
        name="registrar-question-list",
    ),
    path(
        "registrar/contracts/<str:contract_id>/party-history/",
        PartyHistoryViewSet.as_view({"get": "retrieve"}),
        name="registrar-party-history",
    ),
    path(
        "registrar/points/<str:point_id>/workload/",
        WorkloadViewSet.as_view({"get": "retrieve"}),
        name="registrar-workload",
    ),
    *router.urls,
]
