"""What a worker loads at its start, before it makes children of itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.portal.test_settings import ROOT

STARTED = """
import gc, json, sys
from portal import celery
from_the_beginning = gc.isenabled()
celery.app.loader.init_worker()
checked = "phones.views.home.page" in sys.modules
celery.load_the_pages()
print(json.dumps([from_the_beginning, checked, "phones.views.home.page" in sys.modules, gc.isenabled()]))
"""


def test_a_worker_runs_no_checks_of_djangos_loads_the_pages_once_and_collects_from_then_on(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "STATE_DIR": str(tmp_path)}

    done = subprocess.run([sys.executable, "-c", STARTED], cwd=ROOT, env=environment, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    from_the_beginning, checked, loaded, in_the_end = json.loads(done.stdout)
    assert (from_the_beginning, checked) == (False, False)
    assert (loaded, in_the_end) == (True, True)
