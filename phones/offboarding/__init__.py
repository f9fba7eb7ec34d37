"""A client or a number leaves: the case file with its steps, what shows whether each is done, and the certificate.

`rules` says what a reading means for a step (pure), `evidence` reads what the tables show, `cases` writes. Nothing here
is sent to Meta: what is done there is an action like any other (`phones.actions`).
"""
