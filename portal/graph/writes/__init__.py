"""What changes something at Meta, one module a subject. Each call is sent once."""
