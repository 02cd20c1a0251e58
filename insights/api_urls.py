"""Routes of this room under /api/v1/."""

from django.urls import path

from insights.api import FiguresView

urlpatterns = [path("figures/", FiguresView.as_view(), name="figures-list")]
