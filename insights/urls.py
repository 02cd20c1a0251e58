from django.urls import path

from insights import institution_views, open_data_views, table_views, views

urlpatterns = [
    path("contracts/open-data/", open_data_views.open_data_page, name="open_data"),
    path("contracts/open-data/key.pem", open_data_views.open_data_key, name="open_data_key"),
    path(
        "contracts/open-data/<int:year>/<str:name>",
        open_data_views.open_data_file,
        name="open_data_file",
    ),
    path("figures/", views.figures, name="figures"),
    path("figures/tables/", table_views.tables, name="figure_tables"),
    path(
        "figures/tables/institutions.csv", institution_views.institutions_file,
        name="figure_institutions_file",
    ),
    path(
        "figures/tables/institutions/", institution_views.institutions_page,
        name="figure_institutions",
    ),
    path("figures/tables/<slug:name>.csv", table_views.table_file, name="figure_table_file"),
    path("figures/tables/<slug:name>/", table_views.table_page, name="figure_table"),
    path("figures/contracts/", table_views.contracts_page, name="figure_contracts"),
]  # fmt: skip
