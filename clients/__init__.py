"""Whom we serve and how we may act for them: people, clients, portfolios, WABAs, credentials, sync runs.

Knows nothing of phone numbers: `phones` imports this app, never the reverse.
"""
