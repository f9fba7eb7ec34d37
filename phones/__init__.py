"""The clients' phone numbers and what happens to them: facts, history, sync, pages."""
