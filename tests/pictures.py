"""Files with the head of a picture, of any size: no more of one than the desk and the practice server look at."""

import struct


def png(width: int = 640, height: int | None = None, *, length: int = 0) -> bytes:
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, width if height is None else height)
    return head.ljust(length, b"\0")


def jpeg(width: int = 640, height: int | None = None) -> bytes:
    """With a segment before the one that says how large it is, and bytes that fill up between them."""
    before = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF".ljust(14, b"\xc0") + b"\xff\xff"
    size = b"\xff\xc2" + struct.pack(">HBHH", 17, 8, width if height is None else height, width)
    return b"\xff\xd8" + before + size + b"\0" * 10
