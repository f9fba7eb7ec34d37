"""The panel "Signup" on a client's page: links, what came of them, and onboardings under way. Makes nothing."""

from dataclasses import dataclass

from clients import roles, signups
from clients.models import Client, SignupAttempt, User
from phones.models import Onboarding
from phones.views import open_links, signup_rows
from phones.views.accounts.forms import SignupLinkForm, StatusLinkForm

ATTEMPTS_SHOWN = 5
ONBOARDINGS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class SignupPanel:
    """What the panel shows. The forms are None for who may only look."""

    links: list[open_links.OpenLink]
    onboardings: list[tuple[Onboarding, list[signup_rows.StepRow]]]
    attempts: list[signup_rows.SignupRow]
    signup_form: SignupLinkForm | None
    status_form: StatusLinkForm | None
    is_configured: bool

    @property
    def is_empty(self) -> bool:
        return not self.links and not self.attempts


def of_client(client: Client, user: User, *, made: str) -> SignupPanel:
    """The panel of `client`, which `user` may see; `made` names the link that was made just now."""
    attempts = signup_rows.with_links(SignupAttempt.objects.filter(link__client=client)).order_by("-pk")
    under_way = Onboarding.objects.filter(client=client).unfinished().order_by("-pk")
    may_change = roles.may_change(user)
    return SignupPanel(
        links=open_links.lines_of_client(client, user, made=made),
        onboardings=signup_rows.held_up(under_way, most=ONBOARDINGS_SHOWN),
        attempts=signup_rows.rows_of(list(attempts[:ATTEMPTS_SHOWN])),
        signup_form=SignupLinkForm(auto_id="signup-%s") if may_change else None,
        status_form=StatusLinkForm(auto_id="status-%s") if may_change else None,
        is_configured=signups.is_configured(),
    )
