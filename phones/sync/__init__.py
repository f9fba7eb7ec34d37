"""The sync engine: what to read from Meta, when, and what of it to write.

`plan` decides from two pictures what changed (pure). `claims` hands rows to workers, `fetch` reads them from Graph
side by side, `outcomes` records what came of it (by `numbers`, which writes what the plan says, many rows at once by
`inserting`), `discovery` finds WABAs, `engine` ties them together, `runs` keeps the record that people follow, and
`live` asks Meta one question at once for a page.
"""
