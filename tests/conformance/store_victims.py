"""Programs that use a store and are killed while they do. Started by the tests beside this file.

store_victims.py statements FOLDER     dies at each SQL statement in turn, in a state of its own each time
store_victims.py hold PATH HOLDER      takes the lock, begins an intent, says so, and waits to be killed
store_victims.py contend PATH NAME N   adds N resources, each under the lock, as fast as it can
store_victims.py observe PATH NAME N   stores N observations, as fast as it can
"""

import json
import os
import signal
import sys
from pathlib import Path

from chanplan.model.addresses import Address
from chanplan.model.snapshots import Observation, PutResource
from chanplan.stores.sqlite.store import SqliteStore
from tests.conformance.store_samples import RECEIPTS_STATE, SETUP, T0, approval, intent, resource


def main(command, *arguments):
    """Run one of the programs."""
    {"statements": statements, "hold": hold, "contend": contend, "observe": observe}[command](*arguments)


def statements(folder):
    """Print, as JSON, for each number of statements after which a child was killed: which calls had returned."""
    returned, number = {}, 0
    while returned.get(number - 1) != ["begin", "checkpoint", "settle"]:
        number += 1
        state = Path(folder) / str(number) / "chanplan.db"
        SqliteStore(state).approve(approval("sha256:plan", "sha256:one"))
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            _die_at(number, state, writer)
        os.close(writer)
        os.waitpid(child, 0)
        with os.fdopen(reader) as told:
            returned[number] = told.read().split()
    json.dump(returned, sys.stdout)


def _die_at(number, path, told):
    left = number

    def count(_):
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    store = SqliteStore(path)
    with store.lock("victim", "apply", 0):
        store._writer.write(lambda connection: connection.set_trace_callback(count))
        store.begin(intent())
        os.write(told, b"begin ")
        store.checkpoint("intent-1", {"step": 1})
        os.write(told, b"checkpoint ")
        store.settle("intent-1", [PutResource(RECEIPTS_STATE)], spend="sha256:one")
        os.write(told, b"settle ")
    os._exit(0)


def hold(path, holder):
    """Hold the lock until somebody kills this process."""
    store = SqliteStore(Path(path))
    with store.lock(holder, "apply", 0):
        store.begin(intent())
        store.checkpoint("intent-1", {"step": 1})
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        signal.pause()


def contend(path, name, count):
    """Add resources under the lock; each time the lock lets nobody else in between reading and writing."""
    store = SqliteStore(Path(path))
    for index in range(int(count)):
        with store.lock(name, "apply", 60):
            total = len(store.load().resources)
            address = Address("use_case", f"{name}-{index}")
            store.edit([PutResource(resource(address, SETUP, total=total))])


def observe(path, name, count):
    """Store observations without the lock."""
    store = SqliteStore(Path(path))
    for index in range(int(count)):
        store.observe([Observation(Address("use_case", f"{name}-{index}"), T0)])


if __name__ == "__main__":
    main(*sys.argv[1:])
