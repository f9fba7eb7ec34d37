"""The scan for secrets and the check of the lock files find what they are there for."""

import pytest

from tests.locks import faults_of
from tests.secret_scan import finds_in

# Put together here, so that the scan does not find them in this file.
PLANTED = {
    "portal/settings.py": 'META_SYSTEM_USER_TOKEN = "' + "EAAGm0PX4ZC" + "psBAKx7ZBq2LwRt" + 'Y9uVdNfHgJkM3sTzQe8"',
    "deploy/production.env": "export SECRET_KEY=" + "w8Zr-31kq_Tn5vXc7Bd",
    "docs/operations.md": "Keys look like " + "q7Jk2nVx9TzB4mWc1LsY" + "p8RdHf6GaE3uKiOo5XbNwQe= when they are made.",
    "tests/clients/test_connect.py": 'KEY = "' + "ghp_" + "k3J9xQ2mV7bT4nR8" + 'wL1cZ6pY5sD0fG2hA7eB"',
    "phones/tasks.py": 'DATABASE = "postgres://desk:' + "T4jq-9vWx2" + '@db.internal/desk"',
    "static/notes.txt": "-----BEGIN " + "RSA PRIVATE KEY-----",
    "backup/db.sqlite3": "",
}


@pytest.mark.parametrize("path", PLANTED)
def test_a_planted_secret_is_found_with_its_place(path: str) -> None:
    found = {str(find).rsplit(": ", maxsplit=1)[0] for find in finds_in([(path, PLANTED[path])])}

    assert found == {f"{path}:1"}


def test_what_is_made_up_for_everybody_to_see_is_no_secret() -> None:
    lines = (
        'TOKEN = "EAAtesttoken0123456789abcdefWXYZ"',
        'proxy = "http://user:password@proxy.example.com:3128"',
        'password = "a wrong password"',
        "SECRET_KEY_FILE=/run/secrets/key",
        "# META_APP_SECRET=",
    )

    assert list(finds_in([("portal/some.py", "\n".join(lines))])) == []


def test_a_lock_without_hash_version_or_package_is_found() -> None:
    sha = "--hash=sha256:" + "0" * 64
    asked = "# What runs.\ndjango>=5.2,<5.3  # the long one\nrequests\n-c requirements.txt\nurllib3>=2.6.3\n"
    locked = f"# by uv\ndjango==5.2.19 \\\n    {sha}\n    # via -r\nidna==3.1\nurllib3==2.5.0 {sha}\nsix>=1 {sha}\n"
    installed = {"django": "5.2.18", "idna": "3.1", "urllib3": "2.5.0"}

    assert sorted(faults_of(asked, locked, installed)) == [
        "django is locked to 5.2.19, and installed is 5.2.18.",
        "idna has no hash.",
        "requests is asked for and not locked: run `make lock`.",
        "six is not locked to one version.",
        "urllib3 is locked to 2.5.0, and asked for is >=2.6.3.",
    ]
