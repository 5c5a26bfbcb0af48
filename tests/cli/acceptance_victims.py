"""A program that takes drift into a state, again and again, and is killed at each SQL statement in turn.

acceptance_victims.py FOLDER TO DIGEST    copies FOLDER to TO/1, TO/2, …, and dies there at that statement; the last survives
"""

import os
import shutil
import signal
import sys
from pathlib import Path

from chanplan.app.accepting import accept, look_for_drift
from chanplan.app.carrying_out import Approved
from chanplan.app.wiring import open_workspace
from chanplan.execution.telling import silence
from chanplan.model.plans import RefreshMode
from chanplan.model.requests import Request

DRIFT = Request(refresh_only=True)


def main(folder, to, digest):
    """Walk all statements."""
    os.chdir(folder)
    # What loads while services are read loads here, and not in each child.
    with open_workspace(Path("chanplan.yaml"), dict(os.environ)) as workspace:
        look_for_drift(workspace, DRIFT, RefreshMode.SHALLOW, silence)
    number, was_killed = 0, True
    while was_killed:
        number += 1
        copy = Path(to) / str(number)
        shutil.copytree(folder, copy)
        child = os.fork()
        if child == 0:
            take(copy, number, digest)
        _, status = os.waitpid(child, 0)
        was_killed = os.WIFSIGNALED(status)
    sys.exit(os.waitstatus_to_exitcode(status))


def take(folder, number, digest):
    """Take drift into the state, and die as the statement of that number begins."""
    left = number

    def count(_):
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    code = 1
    try:
        os.chdir(folder)
        with open_workspace(Path("chanplan.yaml"), dict(os.environ)) as workspace:
            workspace.store._writer.write(lambda connection: connection.set_trace_callback(count))
            accept(workspace, DRIFT, RefreshMode.SHALLOW, Approved(digest, "--expect"), None, 0, silence)
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    main(*sys.argv[1:])
