"""The practice partner's credentials, worked out of the seed alone: same seed, same credentials. All are invented."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

DEFAULT_SEED = 7


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a partner copies out of Meta's dashboards into the portal's environment."""

    business_id: str
    system_user_id: str
    system_user_token: str
    app_id: str
    app_secret: str
    webhook_verify_token: str
    login_config_id: str
    extended_credit_id: str

    def environment(self, url: str) -> dict[str, str]:
        """The portal's environment variables for a practice server at ``url``."""
        return {
            "GRAPH_API_URL": url,
            "META_BUSINESS_ID": self.business_id,
            "META_SYSTEM_USER_TOKEN": self.system_user_token,
            "META_APP_ID": self.app_id,
            "META_APP_SECRET": self.app_secret,
            "WEBHOOK_VERIFY_TOKEN": self.webhook_verify_token,
            "META_LOGIN_CONFIG_ID": self.login_config_id,
            "META_EXTENDED_CREDIT_ID": self.extended_credit_id,
            "META_SDK_URL": f"{url}/en_US/sdk.js",
            "META_MESSAGE_ORIGIN": url,
        }


def credentials(seed: int = DEFAULT_SEED) -> Credentials:
    """The credentials of the practice server with this seed, without starting one."""
    return Credentials(
        business_id=_digits(seed, "business"),
        system_user_id="61" + _digits(seed, "system user")[2:],
        system_user_token=token_text(seed, "system_user"),
        app_id=_digits(seed, "app"),
        app_secret=_digest(seed, "app secret").hex()[:32],
        webhook_verify_token=_digest(seed, "webhook verify token").hex()[:24],
        login_config_id=_digits(seed, "login configuration"),
        extended_credit_id=_digits(seed, "extended credit"),
    )


def token_text(seed: int, name: str) -> str:
    """The access token that the practice server with this seed issues under this name."""
    letters = urlsafe_b64encode(_digest(seed, f"token {name}") * 3).decode().rstrip("=")
    return "EAAPractice" + letters.replace("-", "Z").replace("_", "Q")


def foreign_app_id(seed: int) -> str:
    """The id of an app that is not the partner's."""
    return _digits(seed, "foreign app")


def _digest(seed: int, purpose: str) -> bytes:
    return sha256(f"practice {seed} {purpose}".encode()).digest()


def _digits(seed: int, purpose: str) -> str:
    return str(10**14 + int.from_bytes(_digest(seed, purpose)[:8]) % (9 * 10**14))
