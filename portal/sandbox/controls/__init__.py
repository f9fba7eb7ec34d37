"""What a tester holds: the endpoints under ``/_practice/``, faults, and the program that puts all rooms together."""
