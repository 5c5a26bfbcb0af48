"""The desks of the command line's tests, whose plans the policies judge."""

from tests.cli.conftest import begun_once, desk, finished, finished_once, sandboxed

__all__ = ["begun_once", "desk", "finished", "finished_once", "sandboxed"]
