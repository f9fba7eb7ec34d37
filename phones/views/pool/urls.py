"""Addresses under /preverified/: the partner's pool. Fixed words come before ids."""

from django.urls import path

from phones.views.pool import actions as preverified_actions
from phones.views.pool import board
from phones.views.pool import page as preverified

app_name = "preverified"

urlpatterns = [
    path("", board.board, name="board"),
    path("read/", preverified.read_pool, name="read-pool"),
    path("add/", preverified_actions.add, name="add"),
    path("<str:preverified_id>/", preverified.number, name="number"),
    path("<str:preverified_id>/read/", preverified.read_number, name="read"),
    path("<str:preverified_id>/release/", preverified.release, name="release"),
    path("<str:preverified_id>/confirm/<slug:kind>/", preverified_actions.confirm, name="confirm"),
    path("<str:preverified_id>/<slug:kind>/", preverified_actions.act, name="act"),
]
