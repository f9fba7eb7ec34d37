"""Embedded Signup: the login dialog’s pages, and what a customer’s choices change in the practice world."""
