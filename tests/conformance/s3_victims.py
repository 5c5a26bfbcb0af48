"""Programs that use a state in S3 and are killed while they do. Started by the tests beside this file.

s3_victims.py work ENDPOINT BUCKET          begins, checkpoints and settles under the lock, saying what returned
s3_victims.py contend ENDPOINT BUCKET NAME N  adds N resources, each under the lock
"""

import sys

from chanplan.model.addresses import Address
from chanplan.model.configuration import S3Settings
from chanplan.model.snapshots import PutResource
from chanplan.stores.s3.store import S3Store
from tests.conformance.s3_doors import KEY, PAUSES, QUICK, REGION
from tests.conformance.store_samples import RECEIPTS_STATE, SETUP, intent, resource


def main(command, endpoint, bucket, *arguments):
    """Run one of the programs."""
    store = S3Store(S3Settings(bucket, KEY, REGION, endpoint), timing=QUICK, pauses=PAUSES)
    {"work": work, "contend": contend}[command](store, *arguments)


def work(store):
    """Do one change."""
    with store.lock("victim", "apply", 0):
        store.begin(intent())
        say("begin")
        store.checkpoint("intent-1", {"step": 1})
        say("checkpoint")
        store.settle("intent-1", [PutResource(RECEIPTS_STATE)], spend="sha256:one")
        say("settle")


def contend(store, name, count):
    """Add resources under the lock; each time the lock lets nobody else in between reading and writing."""
    for index in range(int(count)):
        with store.lock(name, "apply", 60):
            total = len(store.load().resources)
            store.edit([PutResource(resource(Address("use_case", f"{name}-{index}"), SETUP, total=total))])


def say(what):
    """Tell the test."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
