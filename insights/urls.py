from django.urls import path

from insights import table_views, views

urlpatterns = [
    path("figures/", views.figures, name="figures"),
    path("figures/tables/", table_views.tables, name="figure_tables"),
    path("figures/tables/<slug:name>.csv", table_views.table_file, name="figure_table_file"),
    path("figures/tables/<slug:name>/", table_views.table_page, name="figure_table"),
    path("figures/contracts/", table_views.contracts_page, name="figure_contracts"),
]
