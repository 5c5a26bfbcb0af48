"""A program that makes a key and is killed while it does. Started by `test_keys.py`.

key_victims.py FOLDER    for each number of SQL statements: dies at it, in a state of its own, and tells what was printed
"""

import json
import os
import signal
import sys
from contextlib import closing
from pathlib import Path

from chanplan.app.keys import create_key
from chanplan.app.wiring import open_workspace
from chanplan.model.api_keys import KeyScope


def main(folder):
    """Print, as JSON, which text each child told before it was killed; the last one lived."""
    told, number, status = {}, 0, 1
    while status:
        number += 1
        root = Path(folder) / str(number) / "chanplan.yaml"
        root.parent.mkdir()
        root.write_text("version: 1\nworkspace: acme\n")
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            _die_at(number, root, writer)
        os.close(writer)
        with os.fdopen(reader) as heard:
            told[number] = heard.read()
        _, status = os.waitpid(child, 0)
    json.dump(told, sys.stdout)


def _die_at(number, root, told):
    left = number

    def count(_):
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    os.chdir(root.parent)
    with open_workspace(root, {}) as workspace:
        # Opens the file, with its tables, before statements are counted.
        workspace.store.drop("api-key", "none")
        workspace.store._writer.write(lambda connection: connection.set_trace_callback(count))
        made = create_key(workspace, "ci", {KeyScope.VIEW}, None)
        with closing(os.fdopen(told, "w")) as pipe:
            pipe.write(made.text)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
