"""The garbage collector of a web process passes over what was loaded at its start, the views among it."""

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

from portal import collecting
from tests.portal.test_settings import ROOT

STARTED = """
import django, gc, json, sys
django.setup()
from portal import gunicorn
gunicorn.starting.refuse_lost_keys = lambda **_: None
gunicorn.post_worker_init(None)
print(json.dumps(["phones.views.home.page" in sys.modules, gc.get_freeze_count() > 50_000]))
"""


def test_a_web_process_loads_the_views_at_its_start_and_no_collection_walks_through_them(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "STATE_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "EMBEDDED_WORKER": "off",
    }

    done = subprocess.run([sys.executable, "-c", STARTED], cwd=ROOT, env=environment, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [True, True]


def test_a_command_collects_from_when_all_is_loaded_and_not_among_that() -> None:
    """Django's own start, which ran before these tests, passed over everything that was there by then."""
    loaded = gc.get_freeze_count()
    gc.disable()
    collecting.begin()
    assert gc.isenabled()
    assert loaded > 50_000


def test_what_collects_already_goes_on_when_a_worker_is_imported_into_it() -> None:
    collecting.begin()
    collecting.put_off()
    assert gc.isenabled()
