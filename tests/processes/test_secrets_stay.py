"""Secrets stay where they belong, whatever is done and whatever fails, in an installation as it runs in production."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path

from aiosmtpd.smtp import AuthResult

from tests.clients.signing_in.provider import running_provider
from tests.phones.alerts.mailbox import running_mail_server
from tests.processes import failures, jobs
from tests.processes.desk import Desk
from tests.processes.installation import MARKS, Installation, is_up, stopped_afterwards, wait_until
from tests.processes.overheard import (
    Answered,
    as_read,
    decoded_bodies,
    dump,
    everything_in_redis,
    files_in,
    listening,
    running_receiver,
    sessions_in,
)
from tests.processes.planted import make_people, settings_with_secrets
from tests.processes.sentinels import Sentinels

pytestmark = MARKS

REVEALED = r"/phones/\d+/pin/reveal/"
# The only pages that show a secret, each to who is to have it. What was typed as a name stands in its field again.
SHOWN = {
    "secret of an authenticator": r"/account/app/",
    "recovery code": r"/account/recovery-codes/",
    "link to choose a password": r"/admin/clients/user/\d+/invite/",
    "password of paul": r"/login/",
    "generated PIN": REVEALED,
    "PIN that was set": REVEALED,
    "link of a client": r"/clients/\d+/(\?.*|links/)?|/phones/\d+/|/signup/(code/|status/)?[\w-]{43}/.*|/bulk/\d+/.*",
}
MAILED = {"link to choose a password", "link to unsubscribe", "link of a client"}
# A provider of single sign-on leads back with its code, which is good for one exchange and nothing else.
IN_ADDRESSES = MAILED | {"code of the provider"}
# Of sessions the database has the ids, which docs/security.md says.
STORED = {"django_session": {"session"}, "usersessions_usersession": {"session"}}


def test_no_secret_is_in_logs_pages_files_redis_tasks_mails_or_the_database_after_every_job_and_failure(
    installation: Installation,
) -> None:
    sought, escaped = Sentinels(), list[str]()
    with ExitStack() as stack:
        provider = stack.enter_context(running_provider())
        mail = stack.enter_context(running_mail_server(auth_require_tls=False, authenticator=_lets_in))
        receiver = stack.enter_context(running_receiver())
        installation.environment |= settings_with_secrets(installation, sought, mail[1], provider)
        broker = installation.environment["REDIS_URL"]
        to_redis = stack.enter_context(listening(broker))
        passwords = make_people(installation, sought)
        stack.enter_context(stopped_afterwards(*installation.start_all()))
        desk = Desk(installation, sought, mail[0], receiver, provider)
        wait_until(lambda: is_up(f"{desk.address}/healthz"), installation.log)

        people = jobs.people_sign_in(desk, passwords)
        jobs.numbers_are_worked_on(desk, people)
        jobs.clients_come(desk, people)
        jobs.the_pool_is_worked_on(desk, people)
        jobs.the_desk_is_run(desk, people)
        failures.mails_and_posts_fail(desk, people)
        failures.pages_break(desk, people, passwords)
        failures.meta_fails(desk, people)
        failures.what_failed_is_looked_at(desk, people)
        desk.plant_pins_at_meta()
        failures.keys_are_wrong(desk, people)
        in_redis = everything_in_redis(broker)
        failures.redis_goes_away(desk, people, passwords)

    redis, database = "".join(to_redis), dump(installation.environment["DATABASE_URL"])
    tasks, sessions = decoded_bodies(redis), sessions_in(database)
    assert "callbacks" in tasks, "the arguments of tasks are not found any more"
    assert "_auth_user_id" in sessions, "what sessions hold is not found any more"
    state = files_in(Path(installation.environment["STATE_DIR"]))
    mails = "\n".join(map(as_read, mail[0].mails))
    for place, text, may_be_there in [
        ("logs", installation.log(), set()),
        ("Redis", redis + in_redis, set()),
        ("arguments of tasks", tasks, set()),
        ("sessions", sessions, set()),
        ("files", state, set()),
        ("posts", "\n".join(receiver.posts), set()),
        ("mails", mails, MAILED),
        *((f"table {table}", rows, STORED.get(table, set())) for table, rows in database.items()),
    ]:
        if (found := sought.found_in(text)) != may_be_there:
            shown = [f"{what}, {where}" for what, where in sought.around(text).items() if what not in may_be_there]
            escaped.append(f"{place}: {shown}, missing: {may_be_there - found}")
    escaped += _on_wrong_pages(desk.answered, sought)
    assert not escaped, "\n".join(escaped)
    assert {what for one in desk.answered for what in sought.found_in(one.path)} == IN_ADDRESSES
    assert {what for one in desk.answered for what in sought.found_in(one.text)} == SHOWN.keys()


def _on_wrong_pages(answered: list[Answered], sought: Sentinels) -> list[str]:
    """Each secret on a page that is not to show it, and what stands around it."""
    return [
        f"{what} on {one.method} {sought.masked(one.path)}, {where}"
        for one in answered
        for what, where in (sought.around(one.text) if sought.found_in(one.text) else {}).items()
        if not re.fullmatch(SHOWN.get(what, ""), one.path)
    ]


def _lets_in(*_: object) -> AuthResult:
    return AuthResult(success=True)
