"""``/<APP_ID>/uploads`` and the sessions that it opens: files that other calls name by their handle.

From Meta's guide on uploading files (developers.facebook.com/docs/graph-api/guides/upload). How long a session and a
handle are good for, and what Graph says to a file that is not as it was announced, is not documented: an hour, a day,
and 100 with a sentence, are this server's choice. A file comes in one piece here. All is forgotten with the server.
"""

import secrets
from hashlib import sha256

from portal.sandbox.graph import errors
from portal.sandbox.graph.calls import Call
from portal.sandbox.http.messages import Values
from portal.sandbox.world.world import Upload

EDGE = "uploads"
SESSION = "upload:"
TYPES = frozenset({"application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4"})
SESSION_LIFE, HANDLE_LIFE = 3_600, 86_400
LARGEST, LARGEST_PICTURE = 100_000_000, 5 * 1024 * 1024
_HEADS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/jpg": b"\xff\xd8\xff"}


def start(call: Call) -> Values:
    """The reply of the POST that announces a file: the session to put it into, with its signature."""
    call.usage.charge_app()
    given = {name: call.parameters.get(name, "") for name in ("file_name", "file_length", "file_type")}
    for name, value in given.items():
        if not value:
            raise errors.bad_parameter(f"The parameter {name} is required")
    if given["file_type"] not in TYPES:
        raise errors.bad_parameter(f"Param file_type must be one of {', '.join(sorted(TYPES))}")
    length = int(given["file_length"]) if given["file_length"].isdecimal() else 0
    if not 0 < length <= LARGEST:
        raise errors.bad_parameter("Param file_length must be the size of the file in bytes")
    session, signature = SESSION + secrets.token_urlsafe(24), secrets.token_urlsafe(16)
    call.world.uploads[session] = Upload(call.token.name, length, given["file_type"], signature, call.world.now())
    return {"id": f"{session}?sig={signature}"}


def receive(call: Call, session: str) -> Values:
    """The reply of the POST that brings the file: its handle. A session is used up by it."""
    found, body = call.world.uploads.get(session), call.request.body
    is_good = found is not None and found.at + SESSION_LIFE > call.world.now() and call.token.name == found.token_name
    if found is None or not is_good or call.parameters.get("sig") != found.signature:
        raise errors.missing(session, call.request.method)
    if call.request.headers.get("authorization", "").partition(" ")[0] != "OAuth":
        raise errors.bad_token("Invalid OAuth access token - Cannot parse access token")
    if call.request.headers.get("file_offset") != "0":
        raise errors.bad_parameter("Header file_offset must be the number of bytes that have arrived: 0")
    if len(body) != found.length:
        raise errors.bad_parameter(f"{found.length} bytes were announced and {len(body)} have arrived")
    if not body.startswith(_HEADS.get(found.file_type, b"")):
        raise errors.bad_parameter(f"The file is not of the type that was announced: {found.file_type}")
    handle = f"4:{secrets.token_urlsafe(24)}"
    del call.world.uploads[session]
    call.world.handles[handle] = Upload(
        found.token_name, found.length, found.file_type, _digest(body), call.world.now()
    )
    return {"h": handle}


def picture_url(call: Call, handle: object) -> str:
    """Where the picture with this handle is shown. Raises GraphError 100 for a handle that the app did not get."""
    found = call.world.handles.get(handle) if isinstance(handle, str) else None
    if found is None or found.at + HANDLE_LIFE <= call.world.now():
        raise errors.bad_parameter("Param profile_picture_handle is not the handle of an uploaded picture")
    if not found.file_type.startswith("image/") or found.length > LARGEST_PICTURE:
        raise errors.bad_parameter("Param profile_picture_handle must be a picture of at most 5 MB")
    return f"https://pictures.example/{found.signature}.{found.file_type.removeprefix('image/')}"


def _digest(body: bytes) -> str:
    return sha256(body).hexdigest()[:24]
