"""System checks: a wrong setting is found at start, with an id and a hint, not at three in the morning."""
