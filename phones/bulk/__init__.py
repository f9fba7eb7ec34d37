"""What is done for many numbers at once: `plan` writes the dry run, `decide` what people do to it, `work` does it.

What changes something at Meta goes through `phones.actions`, one item after the other, with the item's own key.
"""
