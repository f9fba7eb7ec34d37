"""The HTTP API under /api/v1/: the desk's lists and actions for other programs, by token.

It declares nothing anew: a resource is a declared list, with its filters, sorts, pages and scoping, and a row has the
columns of the list's file. Actions go through the one engine, behind the same guards. `app` puts it together.
"""
