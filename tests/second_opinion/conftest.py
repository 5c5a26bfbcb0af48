"""Our sandbox and moto's server, both empty, and boto3 in front of each."""

import logging
import tempfile
import urllib.request
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.server import Sandbox
from tests.mistakes import watch
from tests.second_opinion.asking import Asked, differences
from tests.second_opinion.scenarios import Scenario


class Two:
    """Two servers that are asked the same."""

    def __init__(self, ours, theirs, controls, reset_url):
        self._ours = ours
        self._theirs = theirs
        self._controls = controls
        self._reset_url = reset_url

    def differ_on(self, scenario: Scenario):
        """Plays a scenario on both, from an empty server on, and returns where they differ."""
        self._controls.reset()
        with urllib.request.urlopen(urllib.request.Request(self._reset_url, method="POST")) as answer:
            assert answer.status == 200
        for step in scenario.before:
            outcomes = self._ours.ask(*step)["outcome"], self._theirs.ask(*step)["outcome"]
            assert outcomes == ("200", "200"), (scenario, step)
        asked = scenario.operation, scenario.parameters
        return differences(self._ours.ask(*asked), self._theirs.ask(*asked))


@pytest.fixture(scope="session")
def two():
    """The two servers."""
    # It writes a line for each request.
    logging.getLogger("werkzeug").disabled = True
    session = boto3.Session()
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with tempfile.TemporaryDirectory() as folder:
        directory = watch(Path(folder) / "sandbox")
        with Sandbox(directory) as sandbox, Controls(directory) as controls:
            ours, theirs = Asked(session, sandbox.endpoint), Asked(session, f"http://{host}:{port}")
            yield Two(ours, theirs, controls, f"http://{host}:{port}/moto-api/reset")
            ours.close()
            theirs.close()
    server.stop()
