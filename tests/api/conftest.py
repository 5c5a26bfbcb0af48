"""Servers over a service of the tests' own, and clients of them."""

import pytest

from tests.api.front import running


@pytest.fixture
def front():
    """A server with keys and without a limit on how often it is asked."""
    with running() as made:
        yield made


@pytest.fixture
def client(front):
    """Somebody whose key may do everything."""
    return front.client()
