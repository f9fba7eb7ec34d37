"""What is drawn of numbers and books: a number's facts over time, a book's counts over time, signups on their way.

`bands`, `series` and `spans` are pure; a picture is what they work out, and its template writes the SVG.
"""
