"""Addresses of the portal. Each app brings its own."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.urls.resolvers import RoutePattern

from portal import health
from portal.metrics import metrics
from portal.web.late_addresses import LoadedWhenAsked

urlpatterns = [
    path("", include("phones.urls")),
    path("signup/", include("phones.views.signup.urls")),
    path("preverified/", include("phones.views.pool.urls")),
    path("", include("clients.signing_in.urls")),
    LoadedWhenAsked(RoutePattern("api/v1/"), "phones.api.urls", app_name="api-v1", namespace="api-v1"),
    path("admin/", admin.site.urls),
    path("healthz", login_not_required(health.live), name="healthz"),
    path("readyz", login_not_required(health.ready), name="readyz"),
    path("metrics", login_not_required(metrics), name="metrics"),
]

# What a client may meet is shown in their language; everything else as Django does.
handler400 = "phones.views.signup.error_pages.bad_request"
handler404 = "phones.views.signup.error_pages.not_found"
handler500 = "phones.views.signup.error_pages.server_error"
