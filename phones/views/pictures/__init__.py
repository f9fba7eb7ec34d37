"""Pages of pictures: a book over time, and what hangs on each token."""
