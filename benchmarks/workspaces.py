"""Workspaces of any size, in the shape of an agency's: a setup for each customer, four use cases on each."""

from pathlib import Path

from chanplan.app.wiring import open_store
from chanplan.config.loader import load_configuration
from chanplan.execution.clocks import SystemClock
from chanplan.model.plans import RefreshMode
from chanplan.model.requests import Reading, Request
from chanplan.model.resources import ResourceState
from chanplan.model.snapshots import PutResource, Run, Snapshot
from chanplan.planning.estimate import Costs
from chanplan.planning.moves import with_moves
from chanplan.planning.planner import make_plan

HEAD = """\
version: 1
workspace: bench
providers: {ses: {default: {region: us-east-1, account_id: "123456789012"}}}
tags: {team: growth}
sending_pools:
  txn: {pool_name: bench-txn, family: transactional, tiers: [onboarding, standard, premium]}
  mkt: {pool_name: bench-mkt, family: marketing, tiers: [onboarding, standard, premium]}
"""
USE_CASES = (
    ("receipts", "Receipts", "transactional"),
    ("alerts", "Alerts", "transactional"),
    ("digest", "Digest", "marketing"),
    ("news", "News", "marketing"),
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def write_configuration(folder: Path, resources: int) -> Path:
    """Write one file that declares so many resources, pools included (rounded down to whole customers)."""
    folder.mkdir(parents=True, exist_ok=True)
    customers = range((resources - 2) // (1 + len(USE_CASES)))
    lines = [HEAD, "ses_setups:\n"]
    lines += (
        f"  c{number}:\n    tenant_name: tenant-{number}\n    domain_identity: mail.customer-{number}.example\n"
        "    mail_from: bounce\n    dmarc: {policy: none}\n    reputation_policy: standard\n"
        for number in customers
    )
    lines.append("use_cases:\n")
    lines += (
        f"  c{number}-{key}:\n    channel: email\n    entity_name: Customer {_letters(number)}\n"
        f"    name: {name}\n    description: {name} of customer {number}\n    ses_setup: c{number}\n"
        f"    sender_email_address: {key}@mail.customer-{number}.example\n    email_type: {family}\n"
        for number in customers
        for key, name, family in USE_CASES
    )
    root = folder / "chanplan.yaml"
    root.write_text("".join(lines), encoding="utf-8")
    return root


def remember_all(root: Path) -> None:
    """Fill the state as if everything had been applied."""
    configuration = load_configuration(root, {})
    now = SystemClock().now()
    plan = make_plan(
        configuration,
        with_moves(Snapshot(), ()),
        Reading(RefreshMode.NONE),
        Request(),
        now,
        Costs(lambda _: {}, lambda _scope, _operation: None),
    )
    edits = [
        PutResource(
            ResourceState(
                address=change.address,
                id=f"00000000-0000-4000-8000-{number:012}",
                scope=change.desired.scope,
                attributes=change.desired.attributes,
                facts={"tier": "onboarding"} if change.address.kind == "use_case" else {},
                references=change.desired.references,
                created_at=now,
                updated_at=now,
            )
        )
        for number, change in enumerate(plan.changes)
        if change.desired is not None
    ]
    store = open_store(configuration.state)
    with store.lock("bench", "bench", 0):
        store.start_run(configuration.workspace, Run("bench", "bench", "bench", now))
        store.edit(edits)
    store.close()


def _letters(number: int) -> str:
    """Names may hold letters only: count in them."""
    text = ""
    while True:
        number, rest = divmod(number, 26)
        text = LETTERS[rest] + text
        if not number:
            return text
