"""Programs that use a state in S3 and are killed while they do. Started by the tests beside this file.

s3_victims.py work ENDPOINT                   for each bucket that it reads: forks, says the child's number, and what it said
                                              while it began, checkpointed and settled under the lock
s3_victims.py contend ENDPOINT BUCKET NAME N  adds N resources, each under the lock
"""

import os
import sys

from chanplan.model.addresses import Address
from chanplan.model.configuration import S3Settings
from chanplan.model.snapshots import PutResource
from chanplan.stores.s3.store import S3Store
from tests.conformance.s3_doors import KEY, PAUSES, QUICK, REGION
from tests.conformance.store_samples import RECEIPTS_STATE, SETUP, intent, resource


def main(command, endpoint, *arguments):
    """Run one of the programs."""
    {"work": work, "contend": contend}[command](endpoint, *arguments)


def opened(endpoint, bucket):
    """Open the state in a bucket."""
    return S3Store(S3Settings(bucket, KEY, REGION, endpoint), timing=QUICK, pauses=PAUSES)


def work(endpoint):
    """Do one change in each bucket, each time in a process of its own that has boto3 loaded already."""
    opened(endpoint, "any")._bucket._client()
    for line in sys.stdin:
        told, tell = os.pipe()
        child = os.fork()
        if not child:
            _change(opened(endpoint, line.strip()), tell)
            os._exit(0)
        os.close(tell)
        say(str(child))
        with os.fdopen(told) as words:
            said = words.read()
        os.waitpid(child, 0)
        say(said)


def _change(store, tell):
    with store.lock("victim", "apply", 0):
        store.begin(intent())
        os.write(tell, b"begin ")
        store.checkpoint("intent-1", {"step": 1})
        os.write(tell, b"checkpoint ")
        store.settle("intent-1", [PutResource(RECEIPTS_STATE)], spend="sha256:one")
        os.write(tell, b"settle ")


def contend(endpoint, bucket, name, count):
    """Add resources under the lock; each time the lock lets nobody else in between reading and writing."""
    store = opened(endpoint, bucket)
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
