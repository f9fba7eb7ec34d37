"""The wiring of the portal. No WhatsApp facts live here, except in `graph` (Meta's API) and `sandbox` (a practice one)."""
