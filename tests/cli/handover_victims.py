"""A program that moves a setup into another workspace's state, again and again, and is killed at each SQL statement in turn.

handover_victims.py FOLDER TO    copies FOLDER to TO/1, TO/2, …, and dies there at that statement; the last survives
"""

import os
import shutil
import signal
import sys
from pathlib import Path

from chanplan.app.handing_over import hand_over
from chanplan.app.wiring import open_workspace
from chanplan.execution.telling import silence
from chanplan.model.addresses import Address


def main(folder, to):
    """Walk all statements."""
    # What loads while a configuration is read loads here, and not in each child.
    with open_workspace(Path(folder) / "chanplan.yaml", {}):
        number, was_killed = 0, True
    while was_killed:
        number += 1
        copy = Path(to) / str(number)
        shutil.copytree(folder, copy)
        child = os.fork()
        if child == 0:
            move(copy, number)
        _, status = os.waitpid(child, 0)
        was_killed = os.WIFSIGNALED(status)


def move(folder, number):
    """Move, and die as the statement of that number begins."""
    left = number

    def count(_):
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    code = 1
    try:
        os.chdir(folder)
        with (
            open_workspace(Path("chanplan.yaml"), {}) as giving,
            open_workspace(Path("other/chanplan.yaml"), {}) as taking,
        ):
            for workspace in (giving, taking):
                workspace.store._writer.write(lambda connection: connection.set_trace_callback(count))
            hand_over(giving, taking, Address("ses_setup", "acme-mail"), None, 0, silence)
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    main(*sys.argv[1:])
