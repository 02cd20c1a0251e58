"""The OpenAPI document and its page; the page's script is a file, so the strict CSP holds."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class SchemaView(SpectacularAPIView):
    open_to_visitors = True
    throttle_classes = ()


class DocsView(SpectacularSwaggerSplitView):
    open_to_visitors = True
    throttle_classes = ()
    url_name = "api_schema"
