"""Passwords that people type: how often one may be tried, how many are checked at once, and the record of all of it.

`delays` says how long to wait, `attempts` counts and records, `hashing` bounds the work of checking. A password is
checked by `backend` when somebody signs in, and by `own` when somebody who is signed in is asked again.
"""
