"""A program that takes turns with others of its kind: postgres_victims.py DSN WORKSPACE NAME N adds N resources, each under the
lock."""

import sys

from chanplan.model.addresses import Address
from chanplan.model.snapshots import PutResource
from tests.conformance.postgres_server import Place
from tests.conformance.store_samples import SETUP, resource


def contend(dsn, workspace, name, count):
    """Add resources; each time the lock lets nobody else in between reading and writing."""
    store = Place(dsn=dsn, workspace=workspace).open()
    for index in range(int(count)):
        with store.lock(name, "apply", 60):
            total = len(store.load().resources)
            store.edit([PutResource(resource(Address("use_case", f"{name}-{index}"), SETUP, total=total))])


if __name__ == "__main__":
    contend(*sys.argv[1:])
