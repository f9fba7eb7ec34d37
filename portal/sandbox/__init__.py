"""The practice Graph server: a stand-in for Meta's Graph API, in its own process, over real HTTP.

It is strict where Graph is strict, holds a seeded book of business with every state a number can be in, and lets tests
and trainers bend it through ``/_practice/``. Facts about Graph come from Meta's public documentation as collected in
the project's Graph reference. Nothing of the portal, of Django or of any HTTP client library may be imported here.

Rooms, each of which may use those below it: ``controls``; ``graph`` and ``signup``; ``world``; ``http``.

Start it with ``manage.py sandbox`` or ``python -m portal.sandbox``; from a test with
``portal.sandbox.controls.launch.serving``.
"""
