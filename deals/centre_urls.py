"""Addresses of an institution's settings and of an organisation's own schemes of distribution."""

from django.urls import path

from deals.views import centres, own_schemes

_ONE = "centres/<str:public_id>/"
_SCHEME = "income/schemes/<str:public_id>/"

urlpatterns = [
    path("centres/", centres.centre_list, name="centres"),
    path(_ONE, centres.centre_page, name="centre"),
    path(_ONE + "prices/", centres.prices_page, name="centre_prices"),
    path(_ONE + "split/", centres.split_page, name="centre_split"),
    path(_ONE + "people/", centres.people_page, name="centre_people"),
    path(_ONE + "nda/", centres.nda_page, name="centre_nda"),
    path(_ONE + "nda/platform/", centres.platform_nda, name="centre_platform_nda"),
    path(_ONE + "nda/<str:nda_id>/", centres.nda_version, name="centre_nda_version"),
    path("income/schemes/", own_schemes.scheme_list, name="own_schemes"),
    path("income/schemes/new/", own_schemes.new_scheme, name="new_own_scheme"),
    path(_SCHEME, own_schemes.scheme_page, name="own_scheme"),
    path(_SCHEME + "edit/", own_schemes.edit_scheme, name="own_scheme_edit"),
    path(_SCHEME + "step/<slug:step>/", own_schemes.scheme_step, name="own_scheme_step"),
]
