"""One world for all tests, which put back what they change; and a Meta that refuses everything."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from pytest_django import DjangoDbBlocker, Settings

from tests.access.world import World, make_world
from tests.scripted_graph import ScriptedGraph, graph_error


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Made once, in a transaction around those of the tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        # Each process reads them once, at whichever request needs them first.
        ContentType.objects.get_for_models(*apps.get_models())
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _meta_refuses(settings: Settings) -> Iterator[None]:
    with ScriptedGraph() as graph:
        graph.always(graph_error(190))
        settings.GRAPH_API_URL = graph.url
        yield
