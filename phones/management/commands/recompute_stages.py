"""`manage.py recompute_stages`: compute anew where every number stands."""

from django.core.management.base import BaseCommand

from phones.numbers import standing as standings


class Command(BaseCommand):
    help = "Compute anew every number's stage, next action and deadline from its facts, and write those that differ."

    def handle(self, *args: object, **options: object) -> None:
        """Recompute and say how many changed."""
        self.stdout.write(f"changed={standings.recompute()}")
