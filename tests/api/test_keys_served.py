"""`chanplan serve` with real keys: two servers on one state, and the command line beside them."""

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing, contextmanager

import pytest

from chanplan.app.key_ring import PATIENCE_SECONDS, REREAD_SECONDS

COMMAND = [sys.executable, "-m", "chanplan.cli.main"]
WITHIN = REREAD_SECONDS + PATIENCE_SECONDS + 1.0
"""Seconds within which what happened to a key holds everywhere, and a moment for a slow machine."""


class Server:
    """A server that runs, with what it said."""

    def __init__(self, process):
        self.process = process
        self.port = json.loads(process.stdout.readline())["port"]
        self.said = []
        self._reading = threading.Thread(target=lambda: self.said.extend(process.stderr))
        self._reading.start()

    def status(self, key, method="GET", path="/v1/use-case"):
        """Asks with a key, and gives the status and the code of the error, if it is one."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(
                method, path, headers={} if key is None else {"Authorization": f"Bearer {key}"}
            )
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}").get("error_code")

    def end(self):
        """Ends it, and gives its exit code."""
        self.process.terminate()
        code = self.process.wait(60)
        self._reading.join(10)
        self.process.stdout.close()
        self.process.stderr.close()
        return code


@pytest.fixture
def folder(tmp_path):
    """A workspace that needs no service."""
    (tmp_path / "chanplan.yaml").write_text("version: 1\nworkspace: acme\n")
    return tmp_path


def chanplan(folder, *arguments):
    """Runs a command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def made(folder, name, *scopes, expires="1d"):
    """Makes a key."""
    asked = [word for scope in scopes for word in ("--scope", scope)]
    return chanplan(folder, "api-key", "create", name, *asked, "--expires", expires, "-q").stdout.strip()


@contextmanager
def served(folder, *before):
    """Serves, until the end; `before` stands before the command."""
    process = subprocess.Popen(
        [*before, *COMMAND, "serve", "--port", "0"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    server = Server(process)
    try:
        yield server
    finally:
        assert server.end() == 0


def within(seconds, look, wanted):
    """Looks again and again until something is as wanted, and tells how long it took."""
    began = time.monotonic()
    while (found := look()) != wanted:
        assert time.monotonic() - began < seconds, found
        time.sleep(0.1)
    return time.monotonic() - began


def test_what_the_command_line_does_with_keys_holds_at_every_server(folder):
    """A key that is made works, one that is revoked doesn't, within the seconds that docs/security.md says; in the log stand names."""
    first = made(folder, "dashboard", "view")
    with ExitStack() as stack:
        servers = [stack.enter_context(served(folder)) for _ in range(2)]
        before = [each.status(first) for each in servers]
        second = made(folder, "backend", "view", "delete")
        for each in servers:
            within(WITHIN, lambda each=each: each.status(second), (200, None))
        revoked = chanplan(folder, "api-key", "revoke", "dashboard")
        for each in servers:
            within(WITHIN, lambda each=each: each.status(first), (401, "key_refused"))
        others = [each.status(second) for each in servers]
    log = "".join(line for each in servers for line in each.said)

    assert (before, revoked.returncode, others) == ([(200, None)] * 2, 0, [(200, None)] * 2)
    assert ("dashboard" in log, first[21:] in log, second[21:] in log) == (True, False, False)


def test_scopes_and_expiry(folder):
    """Each call needs its scope, and a key ends by itself."""
    viewer = made(folder, "viewer", "view")
    with served(folder) as server:
        brief = made(folder, "brief", "view", expires="15s")
        within(WITHIN, lambda: server.status(brief), (200, None))
        unknown = "/v1/ses-setup/0b5ea7d6-3c0f-4f0e-8a38-1f2f4a5d6c7b"
        allowed = server.status(viewer)
        refused = (server.status(viewer, "DELETE", unknown), server.status(viewer, "POST", "/v1/ses-setup"))
        nobody = (server.status(None), server.status("chk_nonsense"))
        within(20, lambda: server.status(brief), (401, "key_refused"))

    assert allowed == (200, None)
    assert refused == ((403, "scope_missing"), (403, "scope_missing"))
    assert nobody == ((401, "key_missing"), (401, "key_refused"))


def test_a_state_that_is_away_is_no_fault_of_the_key(folder):
    """What is known holds for a while, so that the answer is about the state: 503, not 401."""
    key = made(folder, "dashboard", "view")
    with served(folder) as server:
        before = server.status(key)
        state = folder / "state" / "chanplan.db"
        kept = state.read_bytes()
        state.write_bytes(b"not a database\n" * 500)
        time.sleep(REREAD_SECONDS)
        without, wrong = server.status(key), server.status(key[:-1] + ("0" if key[-1] != "0" else "1"))
        state.write_bytes(kept)

    assert (before, without[0], wrong) == ((200, None), 503, (401, "key_refused"))


def test_silent_connections_leave_room_for_the_state(folder):
    """More of them than a shell's limit of open files: who has a key is answered still."""
    key = made(folder, "dashboard", "view")
    with ExitStack() as stack:
        server = stack.enter_context(served(folder, "bash", "-c", 'ulimit -Sn 128; exec "$@"', "bash"))
        for _ in range(400):
            stack.enter_context(closing(socket.create_connection(("127.0.0.1", server.port), timeout=30)))
        status = server.status(key)

    assert status == (200, None)


def test_without_a_key_that_opens_anything_nobody_is_served(folder):
    """It doesn't begin: neither without any, nor with revoked ones alone."""
    without = chanplan(folder, "serve", "--port", "0")
    made(folder, "dashboard", "view")
    chanplan(folder, "api-key", "revoke", "dashboard")
    revoked = chanplan(folder, "serve", "--port", "0")

    assert (without.returncode, revoked.returncode, without.stdout, revoked.stdout) == (1, 1, "", "")
    assert "There is no key that opens anything" in without.stderr
    assert "There is no key that opens anything" in revoked.stderr
