"""Addresses whose views are imported with the first request for one of them, or the first link to one."""

from django.urls import URLResolver


class LoadedWhenAsked(URLResolver):
    """Addresses of a namespace, by the name of their module, which imports a library that takes time and memory.

    Django looks through all addresses at the first link of any page. What has a namespace it need not look through: it
    looks there again for each link into the namespace.
    """

    def _populate(self) -> None:
        """Nothing: the names in a namespace are found by Django's own `get_ns_resolver`."""
