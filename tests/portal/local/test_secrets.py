"""Secrets of a local run."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from portal.local.secrets import kept_secret, new_encryption_key, new_secret_key


@pytest.mark.parametrize("make", [new_secret_key, new_encryption_key])
def test_a_secret_is_made_once_and_kept(tmp_path: Path, make: Callable[[], str]) -> None:
    path = tmp_path / "state" / "secret"

    first = kept_secret(path, make)

    assert first == kept_secret(path, make) == path.read_text()
    assert make() != first


def test_only_its_owner_can_read_a_kept_secret(tmp_path: Path) -> None:
    path = tmp_path / "secret"

    kept_secret(path, new_secret_key)

    assert path.stat().st_mode & 0o777 == 0o600


def test_processes_that_start_together_end_with_one_value_and_no_leftovers(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    together = threading.Barrier(8)
    found: list[str] = []

    def make() -> str:
        together.wait(timeout=10)  # everyone has seen that the file is not there yet
        return new_secret_key()

    threads = [threading.Thread(target=lambda: found.append(kept_secret(path, make))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [path.read_text()] * 8
    assert list(tmp_path.iterdir()) == [path]


def test_a_made_encryption_key_encrypts() -> None:
    box = Fernet(new_encryption_key())

    assert box.decrypt(box.encrypt(b"secret")) == b"secret"


def test_a_value_that_someone_put_there_is_used(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("  theirs\n")

    assert kept_secret(path, new_secret_key) == "theirs"
