"""Webhooks of ours: what changed, posted to other programs as it happens.

`find` writes down what is to be posted, `deliver` posts it until it is taken, for a day. Each change reaches each
webhook at least once: a program tells repetitions by the id of the event.
"""
