"""Which files may be profile pictures."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phones.numbers.picture import MOST_BYTES, NotUsableError, checked
from tests.pictures import jpeg, png


def test_square_pictures_of_both_kinds_are_taken_as_they_are() -> None:
    for content, words in ((png(), "PNG, 640 × 640"), (jpeg(192), "JPEG, 192 × 192")):
        found = checked(content)
        assert (found.in_words, found.content) == (words, content)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (png(640, 480), "640 × 480: cut it to a square"),
        (jpeg(640, 641), "640 × 641: cut it to a square"),
        (png(191), "192 to 10,000 pixels a side"),
        (png(50_000), "192 to 10,000 pixels a side"),
        (png(length=MOST_BYTES + 1), "larger than 4 MB"),
        (png()[:20], "no PNG or JPEG"),
        (jpeg()[:20], "no PNG or JPEG"),
        (b"GIF89a", "no PNG or JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no PNG or JPEG"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_others_are_refused_with_the_reason(content: bytes, why: str) -> None:
    with pytest.raises(NotUsableError, match=why):
        checked(content)


@given(st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\xff\xd8\xff\xff"]), st.binary(max_size=200))
def test_whatever_follows_the_head_is_judged_and_never_raises_otherwise(head: bytes, rest: bytes) -> None:
    with suppress(NotUsableError):
        assert checked(head + rest).side >= 192
