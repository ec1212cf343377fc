"""Where everything is."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularSwaggerSplitView

from config.api import router
from config.api.schema import Schema
from config.api.unknown import handler400, handler403, handler404, handler500, kind, unknown
from config.health import healthz, readyz
from config.metrics.page import metrics
from messaging.inbound.webhooks import sns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/v1/", include(router.urls)),
    path("api/schema/", Schema.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/problems/<slug:name>/", kind, name="problem"),
    re_path("^api/", unknown),
    path("", include("optout.urls")),
    path("webhooks/sns/", sns, name="sns-webhook"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
if settings.SIMULATOR_URL:
    # The demo's handsets live in a process of their own; this is where people look for them.
    urlpatterns.append(path("simulator/", RedirectView.as_view(url=settings.SIMULATOR_URL)))
