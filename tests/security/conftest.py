"""The desks of the command line's tests, to attack what is on them."""

from tests.cli.conftest import begun, begun_once, desk, finished, finished_once, sandboxed

__all__ = ["begun", "begun_once", "desk", "finished", "finished_once", "sandboxed"]
