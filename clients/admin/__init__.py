"""The administrators' back office for this app's tables, one subject a module. Importing it registers them."""

from clients.admin import access, book, clients, credentials, people, records

__all__ = ["access", "book", "clients", "credentials", "people", "records"]
