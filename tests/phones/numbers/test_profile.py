"""What changed between two business profiles, and whether one shows what was asked for."""

from hypothesis import given
from hypothesis import strategies as st

from phones.numbers.profile import FIELDS, TEXTS, changes, shows

TEXT = st.text(max_size=20)
PROFILES = st.fixed_dictionaries({**dict.fromkeys(TEXTS, TEXT), "websites": st.lists(TEXT, max_size=2)})


@given(PROFILES, PROFILES)
def test_a_profile_shows_what_was_asked_for_once_the_changes_are_made(
    before: dict[str, str | list[str]], after: dict[str, str | list[str]]
) -> None:
    wanted = changes(before, after)

    assert shows({**before, **wanted}, wanted)
    assert not changes({**before, **wanted}, after)
    assert shows(before, wanted) is (not wanted)


def test_what_meta_trims_and_where_it_ends_an_address_is_no_change() -> None:
    before: dict[str, str | list[str]] = {
        **dict.fromkeys(FIELDS, ""),
        "about": "Bread",
        "websites": ["https://a.example/"],
    }

    assert changes(before, {"about": " Bread ", "email": "", "websites": ["https://a.example"]}) == {}


def test_metas_word_for_no_category_is_none() -> None:
    assert changes({"vertical": "UNDEFINED"}, {"vertical": ""}) == {}
    assert shows({"vertical": ""}, {"vertical": "UNDEFINED"})
