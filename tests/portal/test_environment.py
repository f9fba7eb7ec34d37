"""What the settings get to read: variables, `.env` below them, and secrets in files."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.environment import Environment


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files that a variable may name."""
    (tmp_path / "secret").write_text("from-the-file\n")
    (tmp_path / "empty").write_text(" \n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    return tmp_path


def environment(patch: pytest.MonkeyPatch, **variables: str) -> Environment:
    for name, value in variables.items():
        patch.setenv(name, value)
    return Environment(Path("/nowhere/.env"))


def test_a_variable_is_read_without_the_blanks_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment(monkeypatch, SOME_SECRET=" S3cret ").str("SOME_SECRET") == "S3cret"


def test_a_name_that_is_set_to_nothing_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    env = environment(monkeypatch, SOME_SECRET=" ", SOME_SECRET_FILE="")

    assert env.str("SOME_SECRET", default="the default") == "the default"


def test_a_file_wins_over_the_variable(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    env = environment(monkeypatch, SOME_SECRET="S3cret", SOME_SECRET_FILE=str(folder / "secret"))

    assert env.str("SOME_SECRET") == "from-the-file"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("nowhere", "SOME_SECRET_FILE names a file that can't be read: No such file or directory."),
        (".", "SOME_SECRET_FILE names a file that can't be read: Is a directory."),
        ("binary", "SOME_SECRET_FILE names a file that can't be read: it is not text."),
        ("empty", "SOME_SECRET_FILE names an empty file."),
    ],
)
def test_a_file_that_holds_no_value_is_refused_and_its_variable_named(
    monkeypatch: pytest.MonkeyPatch, folder: Path, file: str, said: str
) -> None:
    env = environment(monkeypatch, SOME_SECRET="S3cret", SOME_SECRET_FILE=str(folder / file))

    with pytest.raises(ImproperlyConfigured) as refused:
        env.str("SOME_SECRET", default="")

    assert str(refused.value) == said


def test_files_that_other_programs_are_told_of_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment(monkeypatch, SSL_CERT_FILE="/nowhere").str("SOME_SECRET", default="") == ""


def test_a_number_that_is_none_is_refused_by_name_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    env = environment(monkeypatch, HOW_MANY="Secret")

    for read in (env.int, env.float):
        with pytest.raises(ImproperlyConfigured) as refused:
            read("HOW_MANY", default=2)
        assert str(refused.value) == "HOW_MANY must be a number."


def test_what_the_environment_says_wins_over_env(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FROM_BOTH=env\nFROM_FILE=env\nSOME_SECRET_FILE=/nowhere\n")
    monkeypatch.setenv("FROM_BOTH", "process")
    for name in ("FROM_FILE", "SOME_SECRET_FILE"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)  # so that it is gone again afterwards

    env = Environment(tmp_path / ".env")

    assert (env.str("FROM_BOTH"), env.str("FROM_FILE")) == ("process", "env")
    with pytest.raises(ImproperlyConfigured):
        env.str("SOME_SECRET", default="")
