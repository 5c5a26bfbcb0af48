"""The whole service: `chanplan serve` as a process of its own, over a workspace on a sandbox, with keys, asked over HTTP."""

import json
import select
import socket
import threading
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

from chanplan.sandbox.dns.records import ZoneRecord
from tests.api.front import PATIENCE, Client
from tests.e2e.scene import Scene

DECLARED = Path(__file__).with_name("declared.yaml")
APPROVED = "BU0123456789abcdef0123456789abcdef"
IN_REVIEW = "BU00000000000000000000000000000002"
READS = ("Describe", "Fetch", "Get", "List")


class Door:
    """Stands before the sandbox's name server and counts what passes."""

    def __init__(self, nameserver: str) -> None:
        host, _, port = nameserver.rpartition(":")
        self._server = (host, int(port))
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.packets = 0
        self._open = True
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Lets nothing pass any more."""
        self._open = False
        self._thread.join(PATIENCE)
        self._socket.close()

    def _serve(self) -> None:
        while self._open:
            if not select.select([self._socket], [], [], 0.1)[0]:
                continue
            question, asker = self._socket.recvfrom(65_535)
            self.packets += 1
            threading.Thread(target=self._pass, args=(question, asker), daemon=True).start()

    def _pass(self, question, asker) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as onward:
            onward.settimeout(5)
            onward.sendto(question, self._server)
            self._socket.sendto(onward.recv(65_535), asker)


class Served:
    """A workspace that is served, and everybody around it."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.door = Door(scene.environment["CHANPLAN_DNS_NAMESERVERS"])
        self.variables = {"CHANPLAN_DNS_NAMESERVERS": self.door.address}
        scene.write(DECLARED.read_text())
        with scene.controls() as controls:
            for profile in (APPROVED, IN_REVIEW):
                controls.twilio.add_profile(profile)
                controls.twilio.submit(profile)
            controls.twilio.approve(APPROVED)
            controls.twilio.add_number("+14155550100")
        scene.expect(0, "apply", "--auto-approve")
        self.running = None
        self.url = ""
        self.key = self.new_key("everything", "view", "create", "delete")

    def new_key(self, name, *scopes, **options) -> str:
        """Makes a key."""
        asked = [part for scope in scopes for part in ("--scope", scope)]
        more = [part for option, value in options.items() for part in (f"--{option}", value)]
        return self.scene.expect(0, "api-key", "create", name, "--quiet", *asked, *more).strip()

    def start(self, *arguments) -> None:
        """Serves."""
        self.running = self.scene.start(
            "serve", "--port", "0", "--rate", "0", "--access-log", "json", *arguments, **self.variables
        )
        self.url = json.loads(first_line(self.running))["listening"]

    def stop(self) -> int:
        """Ends it as a supervisor would, and returns its exit code."""
        if self.running is None:
            return 0
        running, self.running = self.running, None
        if not running.ended:
            running.send(15)
        return running.wait().code

    def close(self) -> None:
        """Ends everything."""
        self.stop()
        self.door.close()

    def client(self, key=None) -> Client:
        """Somebody who calls the API."""
        return Client(self.url, key or self.key)

    def new_setup(self, *, verified=False, client=None):
        """Makes a setup of a tenant and domain of its own, its DNS published and seen if asked for."""
        name = f"t{uuid.uuid4().hex[:12]}"
        answer = (client or self.client()).post(
            "/v1/ses-setup", {"tenant_name": name, "domain_identity": f"mail.{name}.example"}
        )
        assert answer.status == 201, answer.body
        if verified:
            self.publish(answer.json)
            seen = self.client().get(f"/v1/ses-setup/{answer.json['id']}")
            assert all(record["verified"] for record in seen.json["dns_records"]), seen.body
        return answer.json

    def publish(self, setup, *, but=()) -> None:
        """Publishes the records of a setup, as its owner would."""
        with self.scene.controls() as controls:
            controls.publish(
                ZoneRecord(record["address"], record["type"], record["record"])
                for record in setup["dns_records"]
                if record["address"] not in but
            )

    def twilio_setup(self, profile=APPROVED) -> str:
        """The id of a Twilio setup, as the API lists it."""
        items = self.client().get("/v1/twilio-setup").json["items"]
        return next(item["id"] for item in items if item["customer_profile_sid"] == profile)

    def asked(self) -> list[str]:
        """Gives every operation of a service that was called so far."""
        with self.scene.controls() as controls:
            return [call.operation for call in controls.calls()]

    def changes(self) -> list[str]:
        """Gives those that can change something."""
        return [name for name in self.asked() if not name.partition(":")[2].startswith(READS)]

    def tenants(self) -> list[str]:
        """Gives the tenants that SES has."""
        return [each["TenantName"] for each in self.scene.client().list_tenants()["Tenants"]]


def first_line(running) -> str:
    """Waits for a server's line about where it listens."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for line in running.said().splitlines():
            if line.startswith('{"listening"'):
                return line
        assert not running.ended, running.said()
        time.sleep(0.02)
    raise AssertionError(running.said())


@contextmanager
def served(folder, commands, *arguments, start=True):
    """Serves the declared workspace in a folder."""
    with Scene(folder, commands) as scene:
        world = Served(scene)
        try:
            if start:
                world.start(*arguments)
            yield world
        finally:
            world.close()


def new_name() -> str:
    """Makes a name of letters that nobody has."""
    return "".join(chr(ord("a") + int(digit, 16)) for digit in uuid.uuid4().hex[:20])


def email_for(setup, **values):
    """Makes the body of an email use case."""
    name = new_name()
    return {
        "channel": "email",
        "entity_name": "Acme",
        "name": name,
        "ses_setup_id": setup["id"],
        "sender_email_address": f"{name}@{setup['domain_identity']}",
        "email_type": "transactional",
        **values,
    }


def voice_for(twilio_setup, **values):
    """Makes the body of a use case that Twilio serves."""
    return {
        "channel": "inbound_voice",
        "entity_name": "Acme",
        "name": new_name(),
        "twilio_setup_id": twilio_setup,
        **values,
    }
