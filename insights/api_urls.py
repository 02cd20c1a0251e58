"""Routes of this room under /api/v1/."""

from django.urls import path

from insights.api import FiguresView
from marketplace.core.replicas import may_lag

urlpatterns = [path("figures/", may_lag(FiguresView.as_view()), name="figures-list")]
