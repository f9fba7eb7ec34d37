"""What stands around the rows of a declared list: columns and heads, chips, options, why there are none."""

from __future__ import annotations

from dataclasses import dataclass, field

from portal.web.addresses import Address


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name and head, the classes of its cells, and the name of the sort behind its head if it has one."""

    name: str
    label: str
    css: str = ""
    order: str = ""
    # The columns of a file that hold what it shows, where that is not one of its own name.
    in_file: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head. `address` sorts by it, the other way round if the list is sorted by it now (`sorted`)."""

    column: Column
    address: Address | None = None
    sorted: str = ""

    @property
    def arrow(self) -> str:
        """The icon that shows which way the list is sorted by it; empty when it is not."""
        return {"ascending": "arrow-up", "descending": "arrow-down"}.get(self.sorted, "")


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is applied: what it says, the raw value behind it, and the address without it."""

    label: str
    value: str
    raw: str
    without: Address


@dataclass(frozen=True, slots=True)
class Option:
    """One value that a filter or a sort can have; of synonyms all, with commas between."""

    value: str
    label: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class EmptyState:
    """Why a list has no rows. `label` and `address` are a way on; `extra` is the template of what else can be done."""

    title: str
    text: str
    label: str = ""
    address: str = ""
    extra: str = ""
