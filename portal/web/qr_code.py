"""An address as a QR code that stands in a page."""

import segno
from django.utils.safestring import SafeString


def qr_code(address: str) -> SafeString:
    """Dark on light in either theme, with the quiet zone that scanners want."""
    code = segno.make(address, error="m", micro=False)
    return SafeString(code.svg_inline(omitsize=True, border=4, dark="#000", light="#fff", svgclass="qr"))
