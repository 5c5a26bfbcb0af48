"""What clients fight for: houses of a few names, and what clients know of each."""

import json
import random
import sqlite3
import threading
from dataclasses import dataclass, field
from pathlib import Path

from chanplan.cli.sandboxing import SANDBOX_DIRECTORY
from tests.api.chaos.truth import Asked, Seen

NAMES = ("Receipts", "Order mail", "Order-mail")
"""The last two have one name for their configuration sets."""
SENDERS = ("receipts", "orders")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass
class House:
    """Two tenants, two domains and the use cases of their setups."""

    number: int
    owner: int | None = None
    """The one client that comes here, who may look at the services after each answer."""
    setups: dict[str, dict] = field(default_factory=dict)
    """What was last answered of each setup that isn't known to be gone, by its id."""
    cases: dict[str, dict] = field(default_factory=dict)
    published: dict[str, int] = field(default_factory=dict)
    """When all records of an answer were published, by their DKIM names, in the order of all that was sent and heard."""
    guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def entity(self) -> str:
        """The entity of its use cases: letters alone."""
        return f"House {_LETTERS[self.number // 26]}{_LETTERS[self.number % 26]}"

    def a_setup(self, draw: random.Random) -> dict[str, str]:
        """Draws the body of a setup; tenant and domain don't always go together."""
        tenant, domain = draw.choice(((0, 0), (0, 0), (1, 1), (1, 1), (0, 1), (1, 0)))
        return {
            "tenant_name": f"house-{self.number}-{tenant}",
            "domain_identity": f"mail{domain}.house-{self.number}.example",
        }

    def a_case(self, draw: random.Random) -> dict[str, str] | None:
        """Draws the body of a use case; None where no setup is known."""
        setup = self.any_of("setup", draw)
        if setup is None:
            return None
        return {
            "channel": "email",
            "entity_name": self.entity,
            "name": draw.choice(NAMES),
            "ses_setup_id": setup["id"],
            "sender_email_address": f"{draw.choice(SENDERS)}@{setup['domain_identity']}",
            "email_type": "transactional",
        }

    def any_of(self, kind: str, draw: random.Random) -> dict | None:
        """Draws something that is known."""
        with self.guard:
            known = list((self.setups if kind == "setup" else self.cases).values())
        return draw.choice(known) if known else None

    def learn(self, kind: str, view: dict) -> None:
        """Notes what was answered."""
        with self.guard:
            known = self.setups if kind == "setup" else self.cases
            known[view["id"]] = {**known.get(view["id"], {}), **view}

    def forget(self, kind: str, id: str) -> None:
        """Notes that something is gone."""
        with self.guard:
            (self.setups if kind == "setup" else self.cases).pop(id, None)

    def has(self, item: dict) -> bool:
        """Tells whether an item of a list is of this house."""
        if "tenant_name" in item:
            return item["tenant_name"].startswith(f"house-{self.number}-")
        return item["entity_name"] == self.entity


def claims_of(body: dict) -> frozenset[str]:
    """Gives what only one may have, of a body or of an answer."""
    if "tenant_name" in body:
        return frozenset({f"tenant:{body['tenant_name']}", f"domain:{body['domain_identity']}"})
    slug = f"{body['entity_name']}_{body['name']}".lower().replace(" ", "-")
    return frozenset(
        {
            f"use_case:{body['entity_name']}/{body['name']}",
            f"set:{slug}",
            f"sender:{body['sender_email_address']}",
        }
    )


def seen(view: dict) -> Seen:
    """Gives what an answer shows."""
    return Seen(view["id"], claims_of(view), view.get("ses_setup_id"))


def asked_for(body: dict, key: str | None) -> Asked:
    """Gives what a POST asks for."""
    kind = "setup" if "tenant_name" in body else "case"
    return Asked("make", kind, claims_of(body), body.get("ses_setup_id"), key=key)


def at_the_service(folder: Path, body: dict) -> set[str | None]:
    """Gives the ids that the objects of a setup or use case carry at SES, read as its operator would: None for one without
    a mark; nothing where there is no such object."""
    if "tenant_name" in body:
        names = (("ses.tenant", body["tenant_name"]), ("ses.identity", body["domain_identity"]))
    else:
        slug = f"{body['entity_name']}_{body['name']}".lower().replace(" ", "-")
        names = (("ses.configuration-set", slug),)
    connection = sqlite3.connect(folder / SANDBOX_DIRECTORY / "sandbox.db", timeout=60)
    try:
        marks = {}
        for key, value in connection.execute("SELECT key, value FROM objects WHERE kind = 'ses.tags'"):
            tags = {tag["Key"]: tag["Value"] for tag in json.loads(value)["tags"]}
            marks[key] = tags.get("chanplan:id")
        found = set()
        for kind, key in names:
            rows = connection.execute("SELECT value FROM objects WHERE kind = ? AND key = ?", (kind, key))
            for (value,) in rows:
                arn = json.loads(value).get("TenantArn") or next(
                    (each for each in marks if each.endswith(f"{kind.removeprefix('ses.')}/{key}")), ""
                )
                found.add(marks.get(arn))
        return found
    finally:
        connection.close()
