"""What changed over a whole book: changes folded into happenings, the worst first, and what each person has seen.

`happenings.happenings(user, …)` is the way in for pages and mails. `verdict` and `folding` are pure.
"""
