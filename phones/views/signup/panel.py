"""The panel "Signup" on a client's page: links, what came of them, and onboardings under way. Makes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from clients import roles
from clients.models import Client, SignupAttempt, User
from phones.models import Onboarding
from phones.views.signup import ledger as signups
from phones.views.signup import links
from phones.views.signup.forms import SignupLinkForm, StatusLinkForm
from phones.views.signup.signup import is_configured

ATTEMPTS_SHOWN = 5
ONBOARDINGS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Panel:
    """What the panel shows. `made` names the link that was just made; forms are None for who may only look."""

    links: list[links.Line]
    made: str
    onboardings: list[tuple[Onboarding, list[signups.StepLine]]]
    attempts: list[signups.Line]
    more_attempts: bool
    signup_form: SignupLinkForm | None
    status_form: StatusLinkForm | None
    is_configured: bool


def of_client(client: Client, user: User, *, made: str) -> Panel:
    """The panel of `client`, which `user` may see."""
    attempts = signups.with_links(SignupAttempt.objects.filter(link__client=client)).order_by("-pk")
    newest = list(attempts[: ATTEMPTS_SHOWN + 1])
    under_way = Onboarding.objects.filter(client=client).unfinished().order_by("-pk")
    may_change = roles.may_change(user)
    return Panel(
        links=links.lines_of_client(client, user),
        made=made,
        onboardings=signups.shown(under_way, most=ONBOARDINGS_SHOWN),
        attempts=signups.lines_of(newest[:ATTEMPTS_SHOWN]),
        more_attempts=len(newest) > ATTEMPTS_SHOWN,
        signup_form=SignupLinkForm(auto_id="signup-%s") if may_change else None,
        status_form=StatusLinkForm(auto_id="status-%s") if may_change else None,
        is_configured=is_configured(),
    )
