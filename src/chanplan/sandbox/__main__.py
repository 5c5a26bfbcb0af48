"""
Runs the sandbox as a child process: `python -m chanplan.sandbox --directory DIR`.

It prints one line of JSON with its environment and addresses, and serves until its standard input ends, which happens
when the parent closes it or dies, however it dies. Requests under way are finished first, so a killed parent's last
call still takes effect, as at a real service.
"""

import argparse
import json
import os
import signal
import sys
from pathlib import Path

from chanplan.sandbox.errors import SandboxError
from chanplan.sandbox.server import Sandbox


def main() -> int:
    """Serves until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m chanplan.sandbox", description=__doc__)
    parser.add_argument("--directory", type=Path, required=True, help="where the sandbox keeps its state")
    arguments = parser.parse_args()
    # Ctrl-C reaches the whole group of processes: the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Sandbox(arguments.directory) as sandbox:
            started = {
                "pid": os.getpid(),
                "endpoint": sandbox.endpoint,
                "nameserver": sandbox.nameserver,
                "environment": sandbox.environment(),
            }
            print(json.dumps(started), flush=True)
            while sys.stdin.buffer.read(1024):
                pass
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
