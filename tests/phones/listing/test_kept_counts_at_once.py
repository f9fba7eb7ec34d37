"""What is kept of numbers stays true while many write and somebody sums up at the same time."""

import random
from collections.abc import Sequence
from functools import partial

import pytest
from django.db import transaction

from clients.models import Waba
from phones.listing import kept_counts
from phones.models import PhoneNumber
from tests.at_once import started
from tests.factories import make_client, make_number, make_waba

WRITERS, TURNS, NUMBERS = 4, 15, 12
STAGES, MOVES = ("ready", "registered", "needs_code"), ("us", "client")


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_stays_true_while_writers_and_who_sums_up_work_at_once() -> None:
    wabas = [make_waba(client=make_client()) for _ in range(3)]
    numbers = [make_number(waba=waba).pk for waba in wabas for _ in range(NUMBERS // 3)]
    sums: list[int] = []
    errors: list[BaseException] = []

    def sum_up() -> None:
        while any(writer.is_alive() for writer in writers):
            kept_counts.fold()
            sums.append(kept_counts.of_all().all)

    writers = [started(partial(write, seed, numbers, wabas), errors) for seed in range(WRITERS)]
    for thread in (started(sum_up, errors), *writers):
        thread.join(60)

    assert not errors
    assert set(sums) == {NUMBERS}, "nobody saw a number twice, or not at all"
    assert kept_counts.differences() == []
    kept_counts.fold()
    assert kept_counts.differences() == []


def write(seed: int, numbers: Sequence[int], wabas: Sequence[Waba]) -> None:
    """Change some numbers and move them between clients, and take back some of it."""
    chance = random.Random(seed)
    for _ in range(TURNS):
        with transaction.atomic():
            # Always in one order, so that no two wait for each other.
            for number in sorted(chance.sample(numbers, 3)):
                rows = PhoneNumber.objects.filter(pk=number)
                rows.update(waba=chance.choice(wabas), stage=chance.choice(STAGES), move=chance.choice(MOVES))
            transaction.set_rollback(chance.random() < 0.2)
