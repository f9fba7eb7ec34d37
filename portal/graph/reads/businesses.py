"""Business portfolios, which Graph only ever shows as part of something else: their id and their name."""

from portal.graph.payloads import identity, is_id, node, text, text_or_nothing
from portal.graph.reads.fields import FieldSet

BUSINESS = FieldSet("business", core={"id": text, "name": text}, graph_type="Business")


def read_business(raw: object, _asked: frozenset[str]) -> tuple[str, str]:
    """Id and name of a business from Graph's object for it; the name may be empty. Raises `ShapeError`."""
    found = node(raw)
    return identity(found["id"]), text_or_nothing(found.get("name"))


def id_in(business: object) -> str | None:
    """The id in a value such as `owner_business_info`; None when there is no usable one."""
    business_id = business.get("id", "") if isinstance(business, dict) else ""
    return business_id if is_id(business_id) else None


def name_in(business: object) -> str | None:
    """The name in such a value; None when there is none."""
    return business.get("name") if isinstance(business, dict) else None
