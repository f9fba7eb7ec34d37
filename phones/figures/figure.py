"""What a figure is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure under the name that Prometheus has for it (unit last, without `numberdesk_`), and what it says.

    One value for each set of labels; a figure without labels has one value, under the empty set, or none when it
    could not be told.
    """

    name: str
    meaning: str
    values: Mapping[Labels, float]

    @property
    def value(self) -> float | None:
        """Of a figure without labels."""
        return self.values.get(())

    def of(self, **labels: str) -> float:
        """The sum of the values that have these labels; 0 where there is none."""
        wanted = set(labels.items())
        return sum(value for at, value in self.values.items() if wanted <= set(at))
