"""The numbers list by what is read beside a number's state: username, profile, calling, official account."""

from __future__ import annotations

from clients.models import User, Waba
from phones.models import PhoneNumber
from phones.trait_choices import TRAIT_COLUMNS, TRAITS
from tests.conftest import SignIn
from tests.factories import make_number
from tests.phones.listing.rows import text_of

STORED = {"yes": True, "no": False}


def stored(trait: str, word: str) -> object:
    if word == "unknown":
        return None
    return STORED[word] if trait == "is_official_business_account" else word


def test_each_value_finds_its_numbers_and_unknown_is_no_no(
    administrator: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    browser = sign_in(administrator)
    for trait, words in TRAITS.items():
        made = {word: make_number(alices_waba, **{TRAIT_COLUMNS[trait]: stored(trait, word)}) for word in words}  # type: ignore[arg-type] # one column
        numbers = {word: number.phone_number_id for word, number in made.items()}

        def found(query: str, numbers: dict[str, str] = numbers) -> set[str]:
            """Those of this trait's numbers that the file has."""
            lines = text_of(browser.get(f"/phones/export.csv?bom=0&{query}")).splitlines()[1:]
            return {line.partition(",")[0] for line in lines} & {*numbers.values()}

        for word, number in numbers.items():
            assert found(f"{trait}={word}") == {number}, (trait, word)
        first, *_, unknown = numbers
        assert found(f"{trait}={first}&{trait}={unknown}") == {numbers[first], numbers[unknown]}
        assert found(f"{trait}=nonsense") == set()
        page = text_of(browser.get(f"/phones/?{trait}=unknown&columns={trait}"))
        assert numbers[unknown] in page
        assert numbers[first] not in page
        assert "Can’t tell" in page

    panel, counts = text_of(browser.get("/phones/panel/")), text_of(browser.get("/phones/filters/"))
    for trait, words in TRAITS.items():
        assert all(f'name="{trait}" value="{word}"' in panel for word in words)
        assert all(f'id="of-{trait}-{place}"' in counts for place in range(1, len(words) + 1))


def test_the_cells_say_what_is_known(administrator: User, sign_in: SignIn, alices_waba: Waba) -> None:
    make_number(alices_waba, username_state="pending", profile_state="no")

    page = text_of(sign_in(administrator).get("/phones/?columns=username,profile,calling"))

    for words in ("Reserved", "Has gaps", "Can’t tell"):
        assert words in page
    assert PhoneNumber.objects.count() == 1
