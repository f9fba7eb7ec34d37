"""Signing in, built on django-allauth: its views with our adapters, forms and pages.

`account_adapter`, `second_factor` and `single_sign_on` are what allauth asks; `fresh` asks people again before what
needs it; `sessions` lists and ends sessions; `links` are those to choose a password with, `mails` send them.
"""
