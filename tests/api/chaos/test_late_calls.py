"""A call that was on its way when its server was killed, and takes effect when another server has long gone on."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.api.chaos import ending
from tests.api.chaos.asking import PatientClient
from tests.api.chaos.campaign import WORKSPACE, Sizes, World

LATE = 2.0
"""Seconds after which the service does what it was asked."""
PATIENCE = 60.0
KILLED, OTHER = (
    {"tenant_name": f"house-{name}-0", "domain_identity": f"house-{name}.example"}
    for name in ("killed", "other")
)


@pytest.fixture
def world(tmp_path):
    """Two servers, of which one is dead: killed while its first call is on the way."""
    world = World(tmp_path, Sizes(replicas=2, clients=0), seed=1)
    try:
        world.start()
        world.controls.add_fault(Fault(FaultKind.LATENCY, "sesv2:CreateTenant", times=1, seconds=LATE))
        with ThreadPoolExecutor(1) as pool:
            lost = pool.submit(client(world, 0).post, "/v1/ses-setup", KILLED)
            until = time.monotonic() + PATIENCE
            while not on_its_way(world):
                assert time.monotonic() < until
                time.sleep(0.01)
            world.replicas[0].kill()
            assert lost.exception() is not None
        yield world
    finally:
        world.close()


def client(world, number):
    """Somebody who asks one of the servers."""
    return PatientClient(world.replicas[number].url, world.replicas[number].key)


def on_its_way(world):
    """Tells whether the call has come to the service."""
    with closing(sqlite3.connect(world.sandbox / "sandbox.db", timeout=PATIENCE)) as connection:
        return connection.execute("SELECT sum(fired) FROM faults").fetchone()[0]


def test_somebody_elses_request_does_not_take_it_for_never_begun(world):
    """Although nothing is there yet; later the tenant would be nobody's."""
    answer = client(world, 1).post("/v1/ses-setup", OTHER)
    assert answer.status == 201, answer.body
    time.sleep(LATE)
    client(world, 1).delete(f"/v1/ses-setup/{answer.json['id']}")

    assert left(world) == []


def test_the_same_request_goes_on(world):
    """And the call that comes late finds what it would make."""
    answer = client(world, 1).post("/v1/ses-setup", KILLED)
    assert answer.status == 201, answer.body
    time.sleep(LATE)

    assert left(world) == []
    shown = client(world, 1).get("/v1/ses-setup").json["items"]
    assert [item["id"] for item in shown] == [answer.json["id"]]


def left(world):
    """Says what of services and state doesn't fit."""
    with world.keeper.opened() as store:
        return ending.differences(store.load(), world.sandbox, WORKSPACE)
