"""The partner's pool of pre-verified numbers: its clocks, reading it, reserving from it, doing things to it at Meta.

The pages are in `phones.views`; how Graph is asked is in `portal.graph`.
"""
