from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ClientsConfig(AppConfig):
    name = "clients"


class BackOfficeConfig(AdminConfig):
    """Django's admin, with our site in place of its own."""

    default_site = "clients.back_office.BackOffice"
