"""What customers have granted the partner's app: business tokens, the codes they are fetched with, subscriptions.

Data only. Every moment is in Unix seconds of the world's clock. What follows from it is decided in ``signup.signups``
and, of ``graph``, in ``oauth``, ``tokens`` and ``subscriptions``.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grant:
    """One business token: ``name`` is ``signup:1`` and so on, ``waba_ids`` what it opens, granted last first.

    ``expires`` 0 is never. Without ``lists_targets`` Graph does not say which WABAs it is for. A token that is not
    ``is_ours`` was granted to another app.
    """

    name: str
    business_id: str
    waba_ids: Sequence[str]
    issued: float
    expires: float = 0.0
    lists_targets: bool = True
    is_ours: bool = True


@dataclass(eq=False, slots=True)
class LoginCode:
    """What the login dialog hands over in place of the token with this text: good until ``ends``, and once."""

    token: str
    ends: float
    used: bool = False


@dataclass(frozen=True, slots=True)
class Subscription:
    """That the app hears of a WABA; at an address of the WABA's own unless ``override_callback_uri`` is empty."""

    override_callback_uri: str = ""
    verify_token: str = ""
