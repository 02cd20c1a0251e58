"""Addresses of requests for help and of visits."""

from django.urls import path

from deals.views import requests, visits

_ONE = "requests/<str:public_id>/"
_VISIT = "visits/<str:public_id>/"

urlpatterns = [
    path("requests/", requests.request_list, name="requests"),
    path("requests/new/", requests.new_request, name="new_request"),
    path("requests/carry/", requests.carry, name="carry_request"),
    path("requests/inbox/", requests.inbox_page, name="request_inbox"),
    path(_ONE, requests.request_page, name="request"),
    path(_ONE + "step/<slug:step>/", requests.step, name="request_step"),
    path("visits/", visits.visit_list, name="visits"),
    path("visits/new/", visits.new_visit, name="new_visit"),
    path(_VISIT, visits.visit_page, name="visit"),
    path(_VISIT + "findings/", visits.add, name="visit_add"),
    path(_VISIT + "step/<slug:step>/", visits.step, name="visit_step"),
]
