"""From a client's finished signup to a registered number.

`exchange` and `claiming` begin an onboarding, `run` makes its row and carries out its `steps`, `codes` is the
client's part in it. What the client's browser tells of a signup is kept by `clients.signups`.
"""
