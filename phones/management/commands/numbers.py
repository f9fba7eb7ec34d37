"""`manage.py numbers`: the numbers list on the command line."""

from phones.management.lists import ListCommand


class Command(ListCommand):
    help = "Prints numbers: what the list at /phones/ finds by the same filters, with the columns of its file."
    list_name = "numbers"
    shown = ("phone_number_id", "display_phone_number", "verified_name", "client", "status", "stage", "quality_rating")
