"""Sandboxes as processes: two on one directory, clients that are killed, parents that go away."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.server import Sandbox
from chanplan.sandbox.state.faults import Fault, FaultKind
from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT, token_of
from tests.sandbox.conftest import Clients

CREATE_TENANT = """
import sys, boto3
from botocore.config import Config
client = boto3.client("sesv2", region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}))
print("asking", flush=True)
client.create_tenant(TenantName=sys.argv[1])
print("answered", flush=True)
"""


@contextmanager
def child(directory):
    """A sandbox in a process of its own; the value is what it printed about itself."""
    process = subprocess.Popen(
        [sys.executable, "-m", "chanplan.sandbox", "--directory", str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield {"process": process, **json.loads(process.stdout.readline())}
        process.stdin.close()
        assert process.wait(20) == 0


def test_comes_back_where_it_was(tmp_path):
    """With the ports of its predecessor, clients find a restarted sandbox at the same addresses."""
    with Sandbox(tmp_path) as first:
        ports, places = first.ports, (first.endpoint, first.nameserver)

    with Sandbox(tmp_path, ports=ports) as second:
        assert (second.endpoint, second.nameserver) == places


def tenant_names(client):
    """Lists all tenants."""
    pages = client.get_paginator("list_tenants").paginate()
    return [tenant["TenantName"] for page in pages for tenant in page["Tenants"]]


def wait_until(condition):
    """Polls until something holds."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_child_says_where_it_is_and_ends_with_its_input(directory):
    """One line of JSON, then it serves until its standard input ends."""
    with child(directory) as started:
        assert sorted(started) == ["endpoint", "environment", "nameserver", "pid", "process"]
        assert started["pid"] == started["process"].pid
        assert started["environment"] == {
            "AWS_ENDPOINT_URL_SESV2": started["endpoint"],
            "AWS_ENDPOINT_URL_SES": started["endpoint"],
            "AWS_ENDPOINT_URL_STS": started["endpoint"],
            "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API": started["endpoint"],
            "AWS_ENDPOINT_URL_CLOUDWATCH": started["endpoint"],
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
            "AWS_ACCESS_KEY_ID": "sandbox",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_SESSION_TOKEN": "",
            "AWS_EC2_METADATA_DISABLED": "true",
            "CHANPLAN_TWILIO_BASE_URL": started["endpoint"],
            "TWILIO_ACCOUNT_SID": MAIN_ACCOUNT,
            "TWILIO_AUTH_TOKEN": token_of(MAIN_ACCOUNT),
            "TWILIO_API_KEY": "",
            "TWILIO_API_SECRET": "",
            "CHANPLAN_DNS_NAMESERVERS": started["nameserver"],
        }


def test_child_leaves_ctrl_c_to_its_parent(directory, session):
    """Ctrl-C reaches the whole group of processes; the sandbox goes on until its parent has finished."""
    with child(directory) as started:
        os.kill(started["pid"], signal.SIGINT)
        clients = Clients(session, started["environment"])

        assert tenant_names(clients("sesv2")) == []

        clients.close()


def test_two_sandboxes_share_one_directory(directory, session):
    """Of two processes that make the same tenants at once, each tenant is made once, and both see all."""
    with child(directory) as first, child(directory) as second:
        outcomes = {}

        def create(started):
            clients = Clients(session, started["environment"])
            client = clients("sesv2")
            for number in range(40):
                name = f"t{number:02}"
                try:
                    client.create_tenant(TenantName=name)
                    outcomes.setdefault(name, []).append("ok")
                except client.exceptions.AlreadyExistsException:
                    outcomes.setdefault(name, []).append("exists")
            clients.close()

        threads = [threading.Thread(target=create, args=(started,)) for started in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        listed = []
        for started in (first, second):
            clients = Clients(session, started["environment"])
            listed.append(tenant_names(clients("sesv2")))
            clients.close()

    names = [f"t{number:02}" for number in range(40)]
    assert listed == [names, names]
    assert {name: sorted(seen) for name, seen in outcomes.items()} == {
        name: ["exists", "ok"] for name in names
    }


@pytest.mark.parametrize("kind", [FaultKind.LATENCY, FaultKind.HANG])
def test_call_in_flight_takes_effect_although_its_client_is_killed(directory, sandbox, sesv2, controls, kind):
    """Kill -9 of a client that waits for its answer doesn't undo what it asked for."""
    controls.add_fault(Fault(kind, "sesv2:CreateTenant", seconds=0.5))
    environment = {**os.environ, **sandbox.environment()}
    with subprocess.Popen(
        [sys.executable, "-c", CREATE_TENANT, "acme"], stdout=subprocess.PIPE, text=True, env=environment
    ) as client:
        assert client.stdout.readline() == "asking\n"
        # The request has arrived: its fault has been counted, or its line stands in the journal.
        wait_until(lambda: controls.calls() or _matched(directory))
        client.kill()
        assert client.stdout.read() == ""

    wait_until(lambda: tenant_names(sesv2) == ["acme"])


def test_call_in_flight_takes_effect_although_its_sandbox_is_told_to_end(directory, session):
    """A sandbox whose parent dies finishes what it was asked before it goes."""
    with Controls(directory) as controls:
        controls.add_fault(Fault(FaultKind.LATENCY, "sesv2:CreateTenant", seconds=30))
        with child(directory) as started:
            client = subprocess.Popen(
                [sys.executable, "-c", CREATE_TENANT, "acme"],
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, **started["environment"]},
            )
            with client:
                wait_until(lambda: _matched(directory))
                started["process"].stdin.close()

                assert client.stdout.read() == "asking\nanswered\n"

        assert [call.outcome for call in controls.calls()] == ["ok"]


def test_state_outlives_every_process(directory, session):
    """The next sandbox goes on where the last one was, also after kill -9."""
    process = subprocess.Popen(
        [sys.executable, "-m", "chanplan.sandbox", "--directory", str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        clients = Clients(session, json.loads(process.stdout.readline())["environment"])
        clients("sesv2").create_tenant(TenantName="acme")
        process.kill()
    clients.close()
    with child(directory) as started:
        clients = Clients(session, started["environment"])

        assert tenant_names(clients("sesv2")) == ["acme"]

        clients.close()


def _matched(directory):
    """Whether any fault has met a call yet."""
    from chanplan.sandbox.state.storage import Storage

    storage = Storage(directory)
    with storage.reading() as state:
        found = state.execute("SELECT coalesce(sum(matched), 0) FROM faults").fetchone()[0]
    storage.close()
    return bool(found)
