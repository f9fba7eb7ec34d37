"""Two people for what is hard to take back: one asks, another one who may work there agrees, then it is sent once.

TWO_PERSON_APPROVAL names the kinds. What sends (`phones.actions.number`, `phones.bulk.decide`) insists on the second
person itself, so that no other way leads around this one.
"""
