"""How the desk itself is doing, for whoever runs it: what is wrong, what to do, and the figures behind it."""
