"""Addresses under /preverified/: the partner's pool. Fixed words come before ids."""

from django.urls import path

from phones.views.list_file import file_routes
from phones.views.pool import actions, board, page

app_name = "preverified"

urlpatterns = [
    path("", board.board, name="board"),
    *file_routes("", board.PoolList),
    path("read/", page.read_pool, name="read-pool"),
    path("read/chosen/", page.read_chosen, name="read-chosen"),
    path("add/", actions.add, name="add"),
    path("<str:preverified_id>/", page.number, name="number"),
    path("<str:preverified_id>/read/", page.read_number, name="read"),
    path("<str:preverified_id>/release/", page.release, name="release"),
    path("<str:preverified_id>/confirm/<slug:kind>/", actions.confirm, name="confirm"),
    path("<str:preverified_id>/<slug:kind>/", actions.act, name="act"),
]
