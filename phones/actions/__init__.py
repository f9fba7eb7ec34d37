"""What the desk has Meta change: nothing else does.

`send_once` is the engine: it records, sends once and keeps the outcome. `number`, `waba`, `pool` and `callback` say
what is asked of Meta for which object. `guards` says whether it may be sent (pure), `settle` finds out what a lost
reply hid, `pins` stores the PINs, `words` has the words for Meta's errors.
"""
