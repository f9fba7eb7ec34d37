from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_save, pre_delete


class ClientsConfig(AppConfig):
    name = "clients"

    def ready(self) -> None:
        from clients import api_tokens, link_closing
        from clients.audit import listening
        from clients.signing_in import checks  # noqa: F401 - importing it registers them

        pre_delete.connect(link_closing.revoke_with_the_person, sender=self.get_model("User"))
        post_save.connect(api_tokens.revoke_with_the_person, sender=self.get_model("User"))
        listening.listen()


class BackOfficeConfig(AdminConfig):
    """Django's admin, with our site in place of its own."""

    default_site = "clients.back_office.BackOffice"
