"""Addresses of the operator's pages. /operations/verifications/ is in accounts."""

from django.urls import path

from marketplace.operations import metrics, rematch_views, views

urlpatterns = [
    path("operations/", views.operations, name="operations"),
    path("operations/jobs/<int:job_id>/retry/", views.retry_job, name="job_retry"),
    path("operations/jobs/retry/", views.retry_failed, name="jobs_retry"),
    path("operations/rematch/", rematch_views.begin, name="rematch_begin"),
    path(
        "operations/rematch/<int:rematch_id>/cancel/", rematch_views.cancel, name="rematch_cancel"
    ),
    path("metrics", metrics.metrics, name="metrics"),
]
