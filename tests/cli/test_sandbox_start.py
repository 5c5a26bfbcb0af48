"""`sandbox start` serves until somebody ends it, wherever it was started from."""

import signal
import subprocess
import sys

import pytest


@pytest.mark.parametrize("standard_input", [subprocess.DEVNULL, subprocess.PIPE])
def test_it_serves_until_it_is_interrupted(tmp_path, standard_input):
    """A script's background has an empty input; that is no reason to end."""
    with subprocess.Popen(
        [sys.executable, "-m", "chanplan.cli.main", "sandbox", "start"],
        cwd=tmp_path,
        stdin=standard_input,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            assert process.stderr.readline() == "Serving until Ctrl-C.\n"
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(1)
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        finally:
            process.kill()
