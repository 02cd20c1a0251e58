"""Addresses of projects from abroad: the programme's figures, tables of them."""

from django.urls import path

from deals.views import foreign_projects, project_imports

_HERE = "cases/projects/"
_RUN = _HERE + "import/<str:project_import_id>/"

urlpatterns = [
    path(_HERE, foreign_projects.programme, name="foreign_projects"),
    path(_HERE + "figures.csv", foreign_projects.programme_csv, name="foreign_projects_csv"),
    path(_HERE + "import/", project_imports.imports_page, name="project_imports"),
    path(_HERE + "import/table.csv", project_imports.template_csv, name="project_import_table"),
    path(_RUN, project_imports.import_page, name="project_import"),
    path(_RUN + "run/", project_imports.run_page, name="project_import_run"),
    path(_RUN + "cancel/", project_imports.cancel_page, name="project_import_cancel"),
    path(_RUN + "report.csv", project_imports.report_csv, name="project_import_report"),
    path(_RUN + "file/", project_imports.upload, name="project_import_file"),
]
