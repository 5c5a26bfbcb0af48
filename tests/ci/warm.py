"""`chanplan` for scripts that start it often: one process has loaded everything, and forks for each call.

What a call sees is what a process of its own would: arguments, folder, environment, the three streams, an exit code.
As a program, this file is the server; `program()` gives the text of the client, which any shell may run.
"""

import json
import os
import signal
import socket
import struct
import sys

from chanplan.cli.main import run
from tests.e2e.fork_server import warm_up

CLIENT = """#!{python} -SE
import json, os, socket, struct, sys

server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
call = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(server, [struct.pack(">I", len(call))], [0, 1, 2])
server.sendall(call)
sys.exit(struct.unpack(">i", server.recv(4, socket.MSG_WAITALL))[0])
"""


def program(address) -> str:
    """Gives a program that has its calls made at this address."""
    return CLIENT.format(python=sys.executable, address=str(address))


def serve(address: str) -> None:
    """Makes calls until it is ended."""
    warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    print("ready", flush=True)
    while True:
        caller, _ = listener.accept()
        if os.fork() == 0:
            # Two forks: the call is nobody's child that would have to be waited for.
            if os.fork():
                os._exit(0)
            listener.close()
            code = _called(caller)
            caller.sendall(struct.pack(">i", code))
            os._exit(0)
        os.wait()
        caller.close()


def _called(caller: socket.socket) -> int:
    head, streams, *_ = socket.recv_fds(caller, 4, 3)
    (length,) = struct.unpack(">I", head)
    arguments, folder, environment = json.loads(caller.recv(length, socket.MSG_WAITALL))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    # The old ones remember how they were opened.
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - for as long as the process lives
        for number, mode in ((0, "r"), (1, "w"), (2, "w"))
    )
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    code = run(arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    serve(sys.argv[1])
