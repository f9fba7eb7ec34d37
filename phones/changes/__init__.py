"""What changed over a whole book: changes folded into happenings, the worst first, and what each person has seen.

`change_list.ChangeList` is the way in for pages, files and mails. `verdict` and `folding` are pure.
"""
