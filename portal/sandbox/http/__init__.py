"""The wire: requests, replies and their delivery, the request log, calls to an app’s callback. No Graph semantics."""
