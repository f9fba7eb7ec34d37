"""The Celery app. Tasks live in the apps; the schedule and every option live in settings."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("numberdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["phones"])
