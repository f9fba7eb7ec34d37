"""Which usernames Meta might take."""

import pytest

from phones.numbers.username import is_same, problem_with


@pytest.mark.parametrize("username", ["abc", "harbor_bakery", "Harbor.Bakery.1911", "a" * 35, "1a2"])
def test_what_meta_may_take_has_no_problem(username: str) -> None:
    assert problem_with(username) == ""


@pytest.mark.parametrize(
    ("username", "said"),
    [
        ("ab", "3 to 35"),
        ("a" * 36, "3 to 35"),
        ("bäckerei", "letters from a to z"),
        ("harbor bakery", "letters from a to z"),
        ("1234", "at least one letter"),
        (".abc", "A period"),
        ("abc.", "A period"),
        ("a..b", "A period"),
        ("wwwbakery", "address of a website"),
        ("Bakery.COM", "address of a website"),
    ],
)
def test_what_it_does_not_take_is_said(username: str, said: str) -> None:
    assert said in problem_with(username)


def test_capitals_make_no_difference_and_periods_do() -> None:
    assert is_same("Harbor_Bakery", "harbor_bakery")
    assert not is_same("harbor.bakery", "harbor_bakery")
