"""Workspaces of any size, in the shape of an agency's: a setup for each customer, four use cases on each."""

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.customers import USE_CASES
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

FAMILIES = {"txn": "transactional", "mkt": "marketing"}
CUSTOMERS_PER_ACCOUNT = 2_000
"""SES holds 10,000 configuration sets per account and region; larger workspaces are spread over accounts."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def write_configuration(folder: Path, resources: int) -> Path:
    """Write one file that declares so many resources, pools included (rounded down to whole customers)."""
    folder.mkdir(parents=True, exist_ok=True)
    root = folder / "chanplan.yaml"
    with root.open("w", encoding="utf-8") as file:
        file.writelines(_lines(resources))
    return root


def _lines(resources: int) -> Iterator[str]:
    customers, accounts = _spread(resources)
    yield "version: 1\nworkspace: bench\ntags: {team: growth}\nproviders:\n  ses:\n"
    for number in range(accounts):
        yield f'    {_alias(number)}: {{region: us-east-1, account_id: "{100_000_000_000 + number}"}}\n'
    yield "sending_pools:\n"
    for number in range(accounts):
        for key, family in FAMILIES.items():
            yield (
                f"  {key}-{number}: {{pool_name: bench-{key}-{number}, family: {family}, provider: {_alias(number)}, "
                "tiers: [onboarding, standard, premium]}\n"
            )
    yield "ses_setups:\n"
    for number in range(customers):
        yield (
            f"  c{number}:\n    tenant_name: tenant-{number}\n    domain_identity: mail.customer-{number}.example\n"
            "    mail_from: bounce\n    dmarc: {policy: none}\n    reputation_policy: standard\n"
            f"    provider: {_alias(number // CUSTOMERS_PER_ACCOUNT)}\n"
        )
    yield "use_cases:\n"
    for number in range(customers):
        for key, name, family in USE_CASES:
            yield (
                f"  c{number}-{key}:\n    channel: email\n    entity_name: Customer {_letters(number)}\n"
                f"    name: {name}\n    description: {name} of customer {number}\n    ses_setup: c{number}\n"
                f"    sender_email_address: {key}@mail.customer-{number}.example\n    email_type: {family}\n"
            )


def _spread(resources: int) -> tuple[int, int]:
    """Give how many customers and accounts there are among so many resources."""
    accounts = 1
    while True:
        customers = (resources - len(FAMILIES) * accounts) // (1 + len(USE_CASES))
        if customers <= accounts * CUSTOMERS_PER_ACCOUNT:
            return customers, accounts
        accounts += 1


def _alias(number: int) -> str:
    return f"a{number}" if number else "default"


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
    store = open_store(configuration, {})
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


def main() -> None:
    """Write what a benchmark begins with into a folder: `declared FOLDER SIZE` a configuration; `remembered FOLDER SIZE`
    with a state that has all of it; `partly FOLDER SIZE REMEMBERED` with a state that has that much of it."""
    what, name, size, *remembered = sys.argv[1:]
    folder, resources = Path(name), int(size)
    known = {"declared": 0, "remembered": resources, "partly": int(remembered[0] if remembered else 0)}[what]
    if known:
        remember_all(write_configuration(folder, known))
    write_configuration(folder, resources)


if __name__ == "__main__":
    main()
