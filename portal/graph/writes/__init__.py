"""What changes something at Meta, one module a subject, each value checked right above the call that sends it.

`portal.graph` does not pass this on: whoever changes something says so by where the writer comes from.
"""

from portal.graph.writes.credit import CreditLines
from portal.graph.writes.message_links import MessageLinkActions
from portal.graph.writes.numbers import NumberActions
from portal.graph.writes.official import OfficialActions
from portal.graph.writes.pool import PoolActions
from portal.graph.writes.profile import ProfileActions
from portal.graph.writes.settings import SettingsActions
from portal.graph.writes.subscriptions import SubscriptionActions
from portal.graph.writes.uploads import UploadActions
from portal.graph.writes.usernames import UsernameActions


class GraphWriter(
    CreditLines,
    MessageLinkActions,
    NumberActions,
    OfficialActions,
    PoolActions,
    ProfileActions,
    SettingsActions,
    SubscriptionActions,
    UploadActions,
    UsernameActions,
):
    """Changes things at Meta, over the transport of a `GraphClient`. Safe to share between threads.

    Every method sends one request and never another, but for `upload_picture`, which changes nothing. A `GraphError`
    from one says by `effect_possible` whether it may have taken effect, and only reading the object settles that.
    `ValueError` means that a value is wrong on its face and nothing was sent; it never repeats the value.
    """


__all__ = ["GraphWriter"]
