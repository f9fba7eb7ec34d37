"""What people write of ice breakers and commands, as Meta takes it."""

import pytest

from phones.numbers import automation


def test_commands_are_a_name_and_what_it_does() -> None:
    found = automation.commands_in("/menu: What there is: today\n\n hours : When we are open ")

    assert found == [
        automation.command("menu", "What there is: today"),
        automation.command("hours", "When we are open"),
    ]
    assert automation.commands_in(automation.commands_in_words(found)) == found


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("menu", "A line for each command"),
        (": today", "A line for each command"),
        ("x" * 33 + ": today", "at most 32 characters"),
        ("menu: " + "x" * 257, "at most 256 characters"),
        ("menu: \N{DOUGHNUT}", "no emojis"),
        ("menu: a\nMenu: b", "stands there twice"),
        ("\n".join(f"c{n}: a" for n in range(31)), "at most 30 commands"),
    ],
)
def test_commands_that_meta_would_not_take_say_why(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        automation.commands_in(written)


@pytest.mark.parametrize(
    ("written", "said"),
    [("a\nb\nc\nd\ne", "at most 4"), ("x" * 81, "at most 80"), ("a\na", "twice"), ("\N{DOUGHNUT}", "no emojis")],
)
def test_ice_breakers_that_meta_would_not_take_say_why(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        automation.prompts_in(written)
