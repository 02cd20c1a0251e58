"""Addresses of what is done in a case: assessment, protection, marketing."""

from django.urls import path

from deals.views import case_assessment, case_marketing, case_protection

_CASE = "cases/<str:public_id>/"

urlpatterns = [
    path(_CASE + "assessment/", case_assessment.assessment, name="case_assessment"),
    path(_CASE + "assessment/mine/", case_assessment.scorecard, name="case_scorecard"),
    path(_CASE + "assessment/readiness/", case_assessment.readiness, name="case_readiness"),
    path(_CASE + "assessment/decision/", case_assessment.decision, name="case_decision"),
    path(_CASE + "protection/", case_protection.protection, name="case_protection"),
    path(_CASE + "protection/new/", case_protection.new_event, name="case_ip_new"),
    path(
        _CASE + "protection/<str:ip_event_id>/", case_protection.edit_event, name="case_ip_event"
    ),
    path(
        _CASE + "protection/<str:ip_event_id>/remove/",
        case_protection.remove_event, name="case_ip_remove",
    ),
    path(
        _CASE + "protection/<str:ip_event_id>/book/",
        case_protection.book, name="case_ip_book",
    ),
    path(_CASE + "marketing/", case_marketing.marketing, name="case_marketing"),
    path(_CASE + "marketing/new/", case_marketing.new_approach, name="case_approach_new"),
    path(
        _CASE + "marketing/<str:approach_id>/", case_marketing.edit_approach, name="case_approach"
    ),
]  # fmt: skip
