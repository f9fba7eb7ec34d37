"""What pages say to a person who is signed in and has no role."""

from portal.web.list_parts import EmptyState

NO_ROLE = EmptyState(
    "You have no role yet",
    "You are signed in, and may see nothing so far. Ask an administrator to put you into one of the groups: account "
    "managers, team leads, or viewers.",
)
