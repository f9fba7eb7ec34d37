"""A WABA of a client who takes numbers of the pool."""

import pytest

from clients.models import Waba
from tests.practice import Practice


@pytest.fixture
def ours(practice: Practice) -> Waba:
    """A WABA at Meta that the desk has read."""
    practice.already_read()
    waba_id = practice.wabas()[0]["id"]
    return Waba.objects.get(waba_id=waba_id)
