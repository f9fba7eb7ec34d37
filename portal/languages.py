"""The languages of the pages that clients open."""

# The desk is English. Clients read their pages in one of these, whose catalogues `make catalogues` compiles.
LANGUAGES = [
    ("en", "English"),
    ("es", "Spanish"),
    ("pt-br", "Portuguese (Brazil)"),
    ("fr", "French"),
    ("de", "German"),
    ("id", "Indonesian"),
    ("hi", "Hindi"),
    ("ar", "Arabic"),
]
