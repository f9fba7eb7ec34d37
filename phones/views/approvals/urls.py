"""Addresses of what waits for a second person."""

from django.urls import path

from phones.views.approvals import page

urlpatterns = [
    path("approvals/", page.approvals, name="approvals"),
    path("approvals/<int:pk>/", page.approval, name="approval"),
    path("approvals/<int:pk>/<slug:what>/", page.decision, name="approval-decide"),
]
