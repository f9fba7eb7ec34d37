"""Uploading a picture to Meta: a session is opened for our app, the file is put into it, and a handle comes back.

Nobody sees anything of it until another call names the handle, so it may be tried again and leaves nothing in doubt.
Source: https://developers.facebook.com/docs/graph-api/guides/upload
"""

import re
from urllib.parse import parse_qsl

from portal.graph.calls import Call, Parameters
from portal.graph.errors import NotVisible, Transient, Unreachable
from portal.graph.http.usage import Meter
from portal.graph.payloads import ShapeError
from portal.graph.writes.sending import Sending

# How Graph writes a session: a name, and behind a question mark the signature that it wants back.
_SESSION = re.compile(r"upload:[A-Za-z0-9_=:+-]{1,1000}")
_HANDLE = re.compile(r"[\x21-\x7e]{1,4000}")
_TYPES = {"image/png": "picture.png", "image/jpeg": "picture.jpg"}
# A session that is lost, with the file that was on its way, is left behind and a new one opened.
_TRIES = 2


class UploadActions(Sending):
    def upload_picture(
        self, app_id: str, *, token: str, content: bytes, media_type: str, meter: Meter | None = None
    ) -> str:
        """The handle by which another call names the picture. Raises a GraphError, which never leaves a doubt."""
        if media_type not in _TYPES or not content:
            raise ValueError("This is no picture that Meta takes.")
        used = meter or Meter()
        for left in reversed(range(_TRIES)):
            try:
                session, signature = self._open_session(app_id, token, content, media_type, used)
                return self._put(session, signature, token, content, used)
            except (NotVisible, Transient, Unreachable):
                if not left:
                    raise
        raise AssertionError("the last try returns or raises")

    def _open_session(
        self, app_id: str, token: str, content: bytes, media_type: str, meter: Meter
    ) -> tuple[str, Parameters]:
        parameters = (
            ("file_name", _TYPES[media_type]),
            ("file_length", str(len(content))),
            ("file_type", media_type),
        )
        path = self._transport.path_to(app_id, "uploads")
        call = Call(path, object_id=app_id, method="POST", parameters=parameters, prepares=True)
        return self._transport.send_once(call, token=token, meter=meter, read=_read_session)

    def _put(self, session: str, signature: Parameters, token: str, content: bytes, meter: Meter) -> str:
        call = Call(
            self._transport.path_to_session(session),
            method="POST",
            parameters=signature,
            file=content,
            secrets=(session, *(value for _, value in signature)),
            shown_as=self._transport.path_to_session("upload"),
            prepares=True,
        )
        return self._transport.send_once(call, token=token, meter=meter, read=_read_handle)


def _read_session(body: object) -> tuple[str, Parameters]:
    found = body.get("id") if isinstance(body, dict) else None
    session, _, signature = found.partition("?") if isinstance(found, str) else ("", "", "")
    if not _SESSION.fullmatch(session):
        raise ShapeError("an upload session was expected")
    return session, tuple(parse_qsl(signature))


def _read_handle(body: object) -> str:
    found = body.get("h") if isinstance(body, dict) else None
    if not isinstance(found, str) or not _HANDLE.fullmatch(found):
        raise ShapeError("the handle of a file was expected")
    return found
