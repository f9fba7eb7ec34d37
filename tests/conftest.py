"""The cast and the fences of every test.

Alice is the account manager whose clients the tests look at. Carol covers for her, Otto manages other clients and must
see nothing of hers, Vera may look at what she covers and change nothing, and Sam has a login and no role at all.
"""

import gc
import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import Client as Browser

from clients.audit import guard
from clients.choices import Role
from clients.models import Client, User, Waba
from phones.models import NumberCount, PhoneNumber
from tests.factories import make_client, make_number, make_person, make_waba
from tests.fresh_sign_in import browser_of
from tests.migrated import DATABASE, migrated

# The machine may be slow and busy: only what a property says counts, not how long it took.
hypothesis.settings.register_profile(
    "numberdesk", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("numberdesk")

SignIn = Callable[[User], Browser]


_LONGEST_IN_A_NAME = 80


def pytest_configure() -> None:
    """Settings that no test may inherit from the developer's environment."""
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Nothing answers on the discard port, so a test that forgets its own server fails at once.
    django_settings.GRAPH_API_URL = "http://127.0.0.1:9"
    for name in (
        "META_BUSINESS_ID",
        "META_SYSTEM_USER_TOKEN",
        "META_APP_ID",
        "META_APP_SECRET",
        "META_LOGIN_CONFIG_ID",
        "WEBHOOK_VERIFY_TOKEN",
        "SENTRY_DSN",
        "HTTPS_PROXY",
        "NO_PROXY",
    ):
        setattr(django_settings, name, "")
    # A file, not memory: threads of one test then lock each other out as they do in production, and wait.
    database = django_settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = str(Path(tempfile.mkdtemp(prefix="numberdesk-test-")) / DATABASE)
    elif "MIGRATED_DATABASE" in os.environ:  # by tests.servers
        database.setdefault("TEST", {})["TEMPLATE"] = os.environ["MIGRATED_DATABASE"]
    # Tests that move the clock are seldom about sessions.
    django_settings.SESSION_COOKIE_AGE = 12 * 3600
    # One person of a test asks for more than a person does.
    django_settings.PAGES_A_MINUTE = django_settings.FILES_AN_HOUR = django_settings.API_REQUESTS_A_MINUTE = 0
    django_settings.DEMO = django_settings.EMBEDDED_WORKER = False
    # A test makes much and throws it away: look for knots in it now and then, not every few hundred objects.
    gc.set_threshold(50_000, 20, 100)
    # Look a static file up when it is asked for, or every test's browser walks through all of them first.
    django_settings.WHITENOISE_AUTOREFRESH = True


def pytest_make_parametrize_id(val: object) -> str | None:
    """A long value by its beginning and its length: it is part of the test's name, which reports print."""
    if isinstance(val, str | bytes) and len(val) > _LONGEST_IN_A_NAME:
        return f"{val[:_LONGEST_IN_A_NAME]!a} of {len(val):,}"
    return None


@pytest.fixture(autouse=True, scope="session")
def _no_network_but_loopback() -> Iterator[None]:
    real_connect = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            host = str(address[0])
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"A test tried to reach {host}.")
        real_connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        yield


@pytest.fixture(autouse=True, scope="session")
def _tables_with_triggers_are_emptied_between_tests() -> Iterator[None]:
    """Tests that commit have every table emptied behind them, in any order.

    The audit log's triggers refuse that, and those of numbers count what is taken away, also after the counts are.
    """
    counts = f"DELETE FROM {NumberCount._meta.db_table}"  # noqa: S608 - a table of ours
    real_flush = BaseDatabaseOperations.execute_sql_flush

    def flush(self: BaseDatabaseOperations, statements: Any) -> None:
        vendor = self.connection.vendor
        real_flush(self, [*guard.removed(vendor), *statements, counts, *guard.made(vendor)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush)
        yield


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings_parallel_suffix: None, django_db_keepdb: bool) -> bool:
    """Whether the database of the tests is one that somebody made before: on SQLite a copy of `migrated()`."""
    database = django_settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3"):
        return django_db_keepdb
    shutil.copyfile(migrated() / DATABASE, database["TEST"]["NAME"])
    return True


@pytest.fixture
def migrated_state(tmp_path: Path) -> Path:
    """A STATE_DIR with a migrated, empty SQLite database and local secrets, for a portal in a process of its own."""
    return shutil.copytree(migrated(), tmp_path / "state")


# --- People -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def administrator(db: None) -> User:
    """Ada runs the desk: sees everything and may use the admin."""
    return make_person("ada", Role.ADMINISTRATOR, is_staff=True)


@pytest.fixture
def team_lead(db: None) -> User:
    """Tess sees every client and acts for all of them."""
    return make_person("tess", Role.TEAM_LEAD)


@pytest.fixture
def auditor(db: None) -> User:
    """Iris sees what Tess sees and the audit log, and changes nothing."""
    return make_person("iris", Role.AUDITOR)


@pytest.fixture
def account_manager(db: None) -> User:
    """Alice owns `alices_client`."""
    return make_person("alice", Role.ACCOUNT_MANAGER)


@pytest.fixture
def covering_manager(db: None) -> User:
    """Carol covers `alices_client`."""
    return make_person("carol", Role.ACCOUNT_MANAGER)


@pytest.fixture
def other_manager(db: None) -> User:
    """Otto owns `foreign_client` and must see nothing of Alice's."""
    return make_person("otto", Role.ACCOUNT_MANAGER)


@pytest.fixture
def viewer(db: None) -> User:
    """Vera covers `viewed_client`, and may only look."""
    return make_person("vera", Role.VIEWER)


@pytest.fixture
def stranger(db: None) -> User:
    """Sam has a login and no role."""
    return make_person("sam")


@pytest.fixture
def sign_in() -> SignIn:
    """A function that gives the browser of a signed-in person.

    It makes the session as signing in would, without what else happens at a login: that has tests of its own, and a
    dozen queries less are worth it in the other thousands.
    """

    return browser_of


@pytest.fixture
def desk(administrator: User, sign_in: SignIn) -> Browser:
    """The browser of Ada, who administers the desk."""
    return sign_in(administrator)


# --- Their books ------------------------------------------------------------------------------------------------------


@pytest.fixture
def alices_client(account_manager: User, covering_manager: User) -> Client:
    """Owned by Alice, covered by Carol."""
    return make_client("Alpha Bakery", owner=account_manager, cover=covering_manager)


@pytest.fixture
def alices_waba(alices_client: Client) -> Waba:
    """The WABA of `alices_client`."""
    return make_waba(alices_client, name="Alpha Bakery WABA")


@pytest.fixture
def alices_number(alices_waba: Waba) -> PhoneNumber:
    """A healthy number on `alices_waba`."""
    return make_number(alices_waba, verified_name="Alpha Bakery")


@pytest.fixture
def viewed_client(account_manager: User, viewer: User) -> Client:
    """Owned by Alice, covered by Vera."""
    return make_client("Delta Optics", owner=account_manager, cover=viewer)


@pytest.fixture
def viewed_waba(viewed_client: Client) -> Waba:
    """The WABA of `viewed_client`."""
    return make_waba(viewed_client, name="Delta Optics WABA")


@pytest.fixture
def viewed_number(viewed_waba: Waba) -> PhoneNumber:
    """A healthy number on `viewed_waba`."""
    return make_number(viewed_waba, verified_name="Delta Optics")


@pytest.fixture
def foreign_client(other_manager: User) -> Client:
    """Owned by Otto: not Alice's, not Carol's, not Vera's."""
    return make_client("Zeta Garage", owner=other_manager)


@pytest.fixture
def foreign_waba(foreign_client: Client) -> Waba:
    """The WABA of `foreign_client`."""
    return make_waba(foreign_client, name="Zeta Garage WABA")


@pytest.fixture
def foreign_number(foreign_waba: Waba) -> PhoneNumber:
    """A healthy number on `foreign_waba`."""
    return make_number(foreign_waba, verified_name="Zeta Garage")
