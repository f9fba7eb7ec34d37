"""What the API imports is paid for by who asks it, and not by every page and worker."""

import subprocess
import sys

from django.conf import settings

ASKS = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
import django
django.setup()
from portal import starting
from django.urls import resolve, reverse
starting.refuse_errors()
reverse("phones:home"), resolve("/phones/")
print("pydantic" in sys.modules)
print(reverse("api-v1:numbers"), resolve("/api/v1/numbers").view_name)
print("pydantic" in sys.modules)
"""


def test_the_library_of_the_api_is_loaded_when_the_api_is_asked() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASKS], cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=100, check=True
    )

    assert done.stdout.split() == ["False", "/api/v1/numbers", "api-v1:numbers", "True"]
