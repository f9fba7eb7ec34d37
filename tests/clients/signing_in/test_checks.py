"""Wrong settings of signing in are named by the system checks."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

OURS = {"E019", "E020", "E021", "E022", "W014"}
SSO = {"OIDC_ISSUER": "https://login.example", "OIDC_CLIENT_ID": "desk", "OIDC_CLIENT_SECRET": "s3cret-of-the-desk"}


@pytest.mark.parametrize(
    ("wrong", "ids"),
    [
        ({"SESSION_HOURS": 0}, {"E019"}),
        ({"MFA_REQUIRED_ROLES": ["Bosses"]}, {"E020"}),
        ({**SSO, "OIDC_GROUPS": ["leads=Team leads"]}, set()),
        ({**SSO, "OIDC_GROUPS": []}, {"E022"}),
        ({**SSO, "OIDC_GROUPS": ["leads=Bosses"]}, {"E022"}),
        ({**SSO, "OIDC_GROUPS": ["Viewers"], "OIDC_ISSUER": "http://login.example"}, {"E021", "E022"}),
        ({**SSO, "OIDC_GROUPS": ["leads=Team leads"], "OIDC_CLIENT_SECRET": ""}, {"E021"}),
        ({"IS_LOCAL": False}, {"W014"}),
        ({"IS_LOCAL": False, "MFA_REQUIRED_ROLES": ["Administrators"]}, set()),
    ],
)
def test_a_setting_that_makes_no_sense_is_named_without_its_secret(
    settings: Settings, wrong: dict[str, Any], ids: set[str]
) -> None:
    for name, value in wrong.items():
        setattr(settings, name, value)

    said = [one for one in run_checks(include_deployment_checks=True) if str(one.id).partition(".")[2] in OURS]

    assert {str(one.id).removeprefix("numberdesk.") for one in said} == ids
    assert "s3cret" not in str(said)
