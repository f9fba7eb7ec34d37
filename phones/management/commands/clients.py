"""`manage.py clients`: the list of clients on the command line."""

from phones.management.lists import ListCommand


class Command(ListCommand):
    help = "Prints clients: what the list at /clients/ finds by the same filters, with the columns of its file."
    list_name = "clients"
    shown = ("id", "client", "external_id", "owner", "wabas", "numbers", "failing_wabas")
