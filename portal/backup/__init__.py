"""Backups that open again: taken while the portal runs, with what is needed to check and to restore them.

Knows no model but through Django's tables; what a restored portal may not do again is `phones.restored`.
"""
