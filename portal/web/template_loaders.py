"""Reads the project's templates without the white space that their lines begin with.

Templates are indented to be read; a page of the numbers list would carry 4 KB of that. It is taken off once, when a
template is compiled, so that rendering is no slower. Line breaks stay: words stay apart, and errors name the right
line.
"""

from __future__ import annotations

import re

from django.template.base import Origin
from django.template.loaders import filesystem

_BEGINNINGS_OF_LINES = re.compile(r"^[ \t]+", re.MULTILINE)


class UnindentedLoader(filesystem.Loader):
    """Only for `TEMPLATES["DIRS"]`: what other packages bring may need its white space, and so may texts of mails."""

    def get_contents(self, origin: Origin) -> str:
        """The template's source; of pages, with no line indented."""
        source = super().get_contents(origin)
        return _BEGINNINGS_OF_LINES.sub("", source) if origin.name.endswith(".html") else source
