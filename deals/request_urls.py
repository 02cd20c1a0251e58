"""Addresses of requests for help."""

from django.urls import path

from deals.views import requests

_ONE = "requests/<str:public_id>/"

urlpatterns = [
    path("requests/", requests.request_list, name="requests"),
    path("requests/new/", requests.new_request, name="new_request"),
    path("requests/carry/", requests.carry, name="carry_request"),
    path("requests/inbox/", requests.inbox_page, name="request_inbox"),
    path(_ONE, requests.request_page, name="request"),
    path(_ONE + "step/<slug:step>/", requests.step, name="request_step"),
]
