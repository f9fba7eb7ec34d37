"""The sync engine: what to read from Meta, when, and what of it to write.

`plan` and `pace` decide (pure). `claims` hands rows to workers, `fetch` reads them from Graph side by side, `record`
notes each outcome (by `write_numbers`, many rows at once by `bulk`), `discovery` finds WABAs, `engine` ties them
together, `runs` keeps the record that people follow, and `ask_now` asks Meta one question at once for a page.
"""
