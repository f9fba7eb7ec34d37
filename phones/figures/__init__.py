"""How the desk itself is doing, in figures: for `/metrics` and for the page of operations."""

from phones.figures.read import read as read
