"""Alerts and digests: what can't wait, what many such things have in common, and who is sent what, once."""
