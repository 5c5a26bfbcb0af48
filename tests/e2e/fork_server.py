"""A process that has imported all of chanplan once and forks for every command: a run costs what it does, not its imports.

It reads one JSON object a line: `number`, `folder`, `environment`, `arguments`, `output`, `errors` (both files). It
answers with `{"number", "pid"}` at once and `{"number", "status"}` when the command has ended, as `os.waitpid` has it.
It ends with its standard input.
"""

import contextlib
import gc
import json
import os
import select
import signal
import sys
from importlib import import_module

from chanplan.cli.main import COMMANDS, run

HEAVY = (
    "boto3.session",
    "deepdiff",
    "dns.message",
    "dns.query",
    "jsonschema",
    "networkx",
    "sqlite3",
    "twilio.rest.api.v2010",
    "twilio.rest.trusthub.v1",
    "yaml",
)


def warm_up() -> None:
    """Import what commands import lazily."""
    for module, _ in COMMANDS.values():
        import_module(f"chanplan.cli.commands.{module}")
    for name in HEAVY:
        import_module(name)
    import boto3.session
    import botocore
    from botocore.config import Config

    # Making a client imports half of botocore; one that can't sign asks nobody for credentials.
    boto3.session.Session(region_name="us-east-1").client(
        "sesv2", config=Config(signature_version=botocore.UNSIGNED)
    ).close()


def serve() -> None:
    """Fork for each line, and tell how each child ended."""
    numbers: dict[int, int] = {}
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    buffered = b""
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            with contextlib.suppress(ChildProcessError):
                while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                    say(number=numbers.pop(ended[0]), status=ended[1])
        if 0 in ready:
            received = os.read(0, 65536)
            if not received:
                return
            *lines, buffered = (buffered + received).split(b"\n")
            for job in map(json.loads, lines):
                child = os.fork()
                if not child:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    os.close(wake)
                    os.close(woken)
                    carry_out(job)
                numbers[child] = job["number"]
                say(number=job["number"], pid=child)


def carry_out(job: dict) -> None:
    """Be the command, and end as it ends."""
    code = 70
    try:
        os.chdir(job["folder"])
        os.environ.update(job["environment"])
        for descriptor, path in ((0, os.devnull), (1, job["output"]), (2, job["errors"])):
            opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(opened, descriptor)
            os.close(opened)
        code = run(job["arguments"])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def say(**answer: int) -> None:
    """Write a line."""
    os.write(1, (json.dumps(answer) + "\n").encode())


if __name__ == "__main__":
    warm_up()
    # Children share what is imported, and live too briefly to make much rubbish.
    gc.collect()
    gc.freeze()
    gc.disable()
    serve()
