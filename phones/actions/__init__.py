"""What people do to numbers at Meta.

`guards` says whether it may be sent (pure), `perform` sends it once and records what came of it, `settle` finds out
what a lost reply hid, `pins` keeps the PINs, `refusals` has the words for Meta's errors.
"""
