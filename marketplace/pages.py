"""Addresses of the roof's own pages."""

from django.urls import include, path

from marketplace import crawlers, views
from marketplace.core.style_page import style_page
from marketplace.core.theme import set_theme

urlpatterns = [
    path("", views.home, name="home"),
    path("dashboard/", views.dashboard, name="dashboard"),
    path("help/", views.help_page, name="help"),
    path("language/", views.set_language, name="set_language"),
    path("theme/", set_theme, name="set_theme"),
    path("style/", style_page, name="style"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("favicon.ico", crawlers.favicon, name="favicon"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("sitemap-pages.xml", crawlers.sitemap_pages, name="sitemap_pages"),
    path("sitemap-<slug:room>-<int:number>.xml", crawlers.sitemap_part, name="sitemap_part"),
    path("", include("marketplace.operations.urls")),
]
