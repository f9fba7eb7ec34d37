"""The wiring of the portal. It holds no WhatsApp facts but in `graph` (Meta's API) and `sandbox` (a practice one)."""
