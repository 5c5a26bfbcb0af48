"""Somebody else's SES: MiniStack, as a process of its own on a port of the system's choice."""

import os
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import boto3

PYTHON = Path(__file__).parents[2] / ".venv-second-endpoint/bin/python"
PATIENCE = 30.0


@contextmanager
def ministack(folder: Path):
    """Serves SES and STS while the block runs, and gives the address. It keeps nothing."""
    assert PYTHON.exists(), "The emulator isn't installed: run script/second-endpoint."
    # The socket is ours and handed on, so that nobody can take the port in between.
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        port, number = listening.getsockname()[1], listening.fileno()
        with (folder / "emulator.log").open("wb") as log:
            process = subprocess.Popen(
                [str(PYTHON), "-m", "hypercorn", "ministack.app:app", "--bind", f"fd://{number}"],
                pass_fds=[number],
                cwd=folder,
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": str(folder),
                    "TMPDIR": str(folder),
                    "SERVICES": "ses,sts",
                },
                stdout=log,
                stderr=log,
            )
    address = f"http://127.0.0.1:{port}"
    try:
        _await(process, address, folder)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: subprocess.Popen, address: str, folder: Path):
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"{address}/_ministack/health", timeout=PATIENCE):
                return
        except URLError:
            assert process.poll() is None, (folder / "emulator.log").read_text()
            assert time.monotonic() < until, "The emulator doesn't answer."
            time.sleep(0.05)


def variables(address: str) -> dict[str, str]:
    """Gives what leads chanplan there: the AWS SDK's own variables and nothing else."""
    return {
        "AWS_ENDPOINT_URL_SESV2": address,
        "AWS_ENDPOINT_URL_SES": address,
        "AWS_ENDPOINT_URL_STS": address,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


@contextmanager
def somebody(address: str):
    """Gives an SDK client that knows nothing of chanplan."""
    client = boto3.client(
        "sesv2",
        region_name="us-east-1",
        endpoint_url=address,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    try:
        yield client
    finally:
        client.close()


def holdings(address: str) -> dict[str, list[str]]:
    """Lists what the endpoint holds, by names."""
    with somebody(address) as client:
        return {
            "tenants": sorted(tenant["TenantName"] for tenant in client.list_tenants()["Tenants"]),
            "identities": sorted(
                identity["IdentityName"] for identity in client.list_email_identities()["EmailIdentities"]
            ),
            "configuration sets": sorted(client.list_configuration_sets()["ConfigurationSets"]),
            "pools": sorted(client.list_dedicated_ip_pools()["DedicatedIpPools"]),
        }


EMPTY: dict[str, list[str]] = {"tenants": [], "identities": [], "configuration sets": [], "pools": []}
