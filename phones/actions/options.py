"""What Meta takes in a request: the length of a name, countries for a number's data, languages of a code. No logic."""

# Of a display name (Meta: "display names").
SHORTEST_NAME, LONGEST_NAME = 2, 75

# Meta's list of countries in which it can keep a number's data (register, `data_localization_region`).
DATA_LOCALIZATION_REGIONS = [
    ("AU", "Australia"),
    ("ID", "Indonesia"),
    ("IN", "India"),
    ("JP", "Japan"),
    ("SG", "Singapore"),
    ("KR", "South Korea"),
    ("DE", "European Union (Germany)"),
    ("CH", "Switzerland"),
    ("GB", "United Kingdom"),
    ("BR", "Brazil"),
    ("BH", "Bahrain"),
    ("ZA", "South Africa"),
    ("AE", "United Arab Emirates"),
    ("CA", "Canada"),
]

# Languages of the message that brings the code; Meta takes these and more.
CODE_LANGUAGES = [
    ("en_US", "English"),
    ("es_ES", "Spanish"),
    ("pt_BR", "Portuguese"),
    ("fr_FR", "French"),
    ("de_DE", "German"),
    ("it_IT", "Italian"),
    ("nl_NL", "Dutch"),
    ("pl_PL", "Polish"),
    ("tr_TR", "Turkish"),
    ("ar_AR", "Arabic"),
    ("he_IL", "Hebrew"),
    ("hi_IN", "Hindi"),
    ("id_ID", "Indonesian"),
    ("th_TH", "Thai"),
    ("ja_JP", "Japanese"),
    ("ko_KR", "Korean"),
    ("zh_CN", "Chinese"),
]
