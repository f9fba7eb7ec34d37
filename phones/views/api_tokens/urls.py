"""Addresses of the tokens of the HTTP API."""

from django.urls import path

from phones.views.api_tokens import page

urlpatterns = [
    path("api-tokens/", page.tokens, name="api-tokens"),
    path("api-tokens/services/", page.new_service, name="api-service-new"),
    path("api-tokens/<int:pk>/revoke/", page.revoke, name="api-token-revoke"),
]
