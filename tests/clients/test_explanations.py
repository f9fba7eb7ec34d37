"""The words for failed readings."""

from typing import TypeGuard

import pytest

from clients.explanations import Explanation, explain
from portal.graph import errors

OUR_OWN = ["emptied", "worker_lost", "no_token", "secret_unreadable", "no_business", "internal"]


def _kinds_of_graph() -> set[str]:
    """The kinds of error that a reading can end with. Refused actions are another subject and another module."""
    found = {thing.kind for thing in vars(errors).values() if isinstance(thing, type) and _is_of_reading(thing)}
    return found - {errors.GraphError.kind}


def _is_of_reading(thing: type) -> TypeGuard[type[errors.GraphError]]:
    return issubclass(thing, errors.GraphError) and thing.__module__ == errors.__name__


@pytest.mark.parametrize("kind", sorted(_kinds_of_graph() | set(OUR_OWN)))
def test_every_kind_of_failure_has_words_of_its_own(kind: str) -> None:
    why = explain(kind)

    assert why.title
    assert why.cause.endswith(".")
    assert why.what_to_do.endswith(".")
    assert kind == "unknown" or why != explain("a kind nobody has heard of")


def test_an_unknown_kind_is_admitted_and_given_to_us() -> None:
    why = explain("a kind nobody has heard of", 987654)

    assert "don’t know" in why.title
    assert why.who_acts == "us"
    assert not why.retries_itself


@pytest.mark.parametrize("subcode", [458, 459, 460, 463, 464, 467, 492])
def test_a_dead_token_says_how_it_died(subcode: int) -> None:
    why = explain("token_dead", 190, subcode)

    assert why != explain("token_dead", 190)
    assert why.who_acts == "us"
    assert not why.retries_itself


@pytest.mark.parametrize("code", [80007, 80008])
def test_a_wabas_own_limit_is_told_apart_from_the_apps(code: int) -> None:
    assert "this WABA" in explain("throttled", code).title
    assert "app" in explain("throttled", 4).title


@pytest.mark.parametrize("code", [131031, 368, 131042])
def test_an_account_that_meta_holds_back_is_the_clients_move(code: int) -> None:
    why = explain("account_state", code)

    assert why != explain("account_state")
    assert why.who_acts == "client"


@pytest.mark.parametrize("kind", ["transient", "unreachable", "deadline_exceeded", "throttled", "worker_lost"])
def test_what_passes_by_itself_is_nobodys_move(kind: str) -> None:
    why = explain(kind)

    assert why.retries_itself
    assert why.who_acts == "nobody"
    assert why.what_to_do.startswith("Wait.")


def test_trouble_on_the_network_never_accuses_the_token() -> None:
    for kind in ("transient", "unreachable"):
        assert "says nothing about the WABA or the token" in explain(kind).cause


def test_a_gateways_error_page_counts_as_a_hiccup() -> None:
    assert explain("bad_answer", http_status=502) == explain("transient")
    assert explain("bad_answer", http_status=200) != explain("transient")


def test_a_hidden_object_is_never_called_deleted_for_sure() -> None:
    why = explain("not_visible", 100, 33)

    assert "no longer shared" in why.cause
    assert "Nothing is removed" in why.cause


def test_whose_move_it_is_reads_as_words() -> None:
    assert Explanation("t", "c", "client", "w").whose_move == "The client’s move"
    assert Explanation("t", "c", "Meta", "w").whose_move == "Meta’s move"
