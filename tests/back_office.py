"""Addresses in the admin, for tests."""

from django.db import models
from django.urls import reverse


def page(model: type[models.Model], name: str, *arguments: object) -> str:
    """The address of an admin page of `model`: "changelist", "add", "change", "history" or "delete"."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=arguments)
