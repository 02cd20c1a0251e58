"""Addresses of service figures and of what an alliance reads of them."""

from django.urls import path

from deals.views import frames, service_reports

_YEAR = "service-figures/<str:institution_id>/<int:year>/"
_ALLIANCE = "service-figures/alliances/<str:alliance_id>/"

urlpatterns = [
    path("service-figures/", service_reports.figure_list, name="service_figures"),
    path(_ALLIANCE, frames.alliance_page, name="alliance_figures"),
    path(_ALLIANCE + "frame/", frames.frame_page, name="alliance_frame"),
    path(_ALLIANCE + "step/<slug:step>/", frames.frame_step, name="frame_step"),
    path(_YEAR, service_reports.year_page, name="service_year"),
    path(_YEAR + "enter/<slug:section>/", service_reports.section_page, name="service_section"),
    path(_YEAR + "step/<slug:step>/", service_reports.step, name="service_step"),
    path(_YEAR + "rows/<slug:code>/", service_reports.rows_page, name="service_rows"),
    path(_YEAR + "versions/<int:number>/", service_reports.version_page, name="service_version"),
]
