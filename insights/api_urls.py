"""Routes of this room under /api/v1/."""

from django.urls import path

from insights.api import FiguresView
from insights.institution_views import InstitutionFiguresView
from insights.open_data_views import OpenDataView
from insights.table_api import FigureEnterprisesView, FigureTablesView, FigureTableView
from marketplace.core.replicas import may_lag

urlpatterns = [
    path("open-data/", OpenDataView.as_view(), name="open-data-list"),
    path("figures/", may_lag(FiguresView.as_view()), name="figures-list"),
    path("figures/enterprises/", may_lag(FigureEnterprisesView.as_view()),
         name="figure-enterprises"),
    path("figures/institutions/", may_lag(InstitutionFiguresView.as_view()),
         name="figure-institutions"),
    path("figures/tables/", may_lag(FigureTablesView.as_view()), name="figure-table-list"),
    path("figures/tables/<str:name>/", may_lag(FigureTableView.as_view()),
         name="figure-table-detail"),
]  # fmt: skip
