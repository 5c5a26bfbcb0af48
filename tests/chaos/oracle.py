"""What must be at the services and in the state, worked out from the configuration alone, and what is there.

Nothing of chanplan's providers is used: the services are read from the sandbox's own file, as its operator would.
"""

import json
import sqlite3
from pathlib import Path

from chanplan.model.snapshots import Snapshot
from chanplan.ports.store import Store
from tests.chaos import voice_oracle
from tests.chaos.declared import REGIONS, WORKSPACE, Declared, receiving

ACCOUNT = "123456789012"
OURS = f"chanplan-{WORKSPACE}-"
Row = tuple[str, str, str]
"""Region, kind, key."""


def rows_in(directory: Path) -> dict[Row, object]:
    """Reads everything that the services hold."""
    connection = sqlite3.connect(directory / "sandbox.db", timeout=60)
    try:
        found = connection.execute("SELECT region, kind, key, value FROM objects").fetchall()
    finally:
        connection.close()
    return {(region, kind, key): json.loads(value) for region, kind, key, value in found}


def differences(
    declared: Declared, store: Store, directory: Path, strangers: dict[Row, object], *, gone: bool = False
) -> tuple[list[str], int]:
    """Compares services, state and configuration; says what differs, and how many objects were looked at.

    With `gone`, nothing of ours may be left.
    """
    attributes = {} if gone else declared.attributes()
    snapshot = store.load()
    rows = rows_in(directory)
    said = [*_of_state(attributes, snapshot), *_of_strangers(strangers, rows)]
    ids = {str(address): resource.id for address, resource in snapshot.resources.items()}
    wanted = {} if gone else _wanted(declared, attributes, ids)
    there = held(rows, strangers)
    said += compared("services", wanted, there)
    lines, calling = voice_oracle.wanted(declared, attributes), voice_oracle.there(rows, strangers)
    said += compared("Twilio", lines, calling)
    said += voice_oracle.unclaimed(rows, snapshot)
    with store.lock("the oracle", "looks whether it is free", 0):
        pass
    return said, len(there) + len(calling) + len(snapshot.resources)


def compared(what: str, wanted: dict, there: dict) -> list[str]:
    """Says what is missing, what is there and shouldn't be, and what differs."""
    said = [f"{what}: {key} is missing; it should be {wanted[key]}" for key in wanted.keys() - there.keys()]
    said += [f"{what}: {key} is there and shouldn't be: {there[key]}" for key in there.keys() - wanted.keys()]
    said += [
        f"{what}: {key} is {there[key]} and should be {wanted[key]}"
        for key in wanted.keys() & there.keys()
        if wanted[key] != there[key]
    ]
    return sorted(said)


def _of_state(attributes: dict[str, dict], snapshot: Snapshot) -> list[str]:
    remembered = {str(address): dict(resource.attributes) for address, resource in snapshot.resources.items()}
    # What a provider didn't report is absent, and means the same as nothing.
    said = compared(
        "state", *({at: _told(each) for at, each in side.items()} for side in (attributes, remembered))
    )
    said += [f"state: {at} isn't complete" for at, each in snapshot.resources.items() if not each.complete]
    said += [f"state: an open intent to {each.kind} {each.address}" for each in snapshot.intents]
    ids = [resource.id for resource in snapshot.resources.values()]
    if len(ids) != len(set(ids)):
        said.append("state: two resources share an id")
    return said


def _told(attributes: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in attributes.items() if value is not None}


def _wanted(declared: Declared, attributes: dict[str, dict], ids: dict[str, str]) -> dict[Row, object]:
    """Says what the services must hold, each object with its marks."""
    wanted: dict[Row, object] = {}
    for name, pool in declared.pools.items():
        region = REGIONS[pool.provider]
        marks = _marks(declared, ids.get(f"sending_pool.{name}"))
        wanted[region, "pool", pool.pool_name] = {"scaling": pool.scaling.upper(), "tags": marks}
    for name, setup in declared.setups.items():
        region = REGIONS[setup.provider]
        marks = _marks(declared, ids.get(f"ses_setup.{name}"))
        wanted[region, "tenant", setup.tenant] = {"policy": setup.policy, "tags": marks}
        wanted[region, "identity", setup.domain] = {
            "mail_from": f"{setup.mail_from}.{setup.domain}",
            "tags": marks,
        }
        wanted[region, "association", f"{setup.tenant} identity/{setup.domain}"] = True
        if setup.receiving is not None:
            entry = receiving(setup.receiving)
            wanted[region, "recipient", f"{entry['rule_set']} {setup.domain}"] = [_spelled(entry["actions"])]
    for name, case in declared.use_cases.items():
        if f"use_case.{name}" in attributes:
            setup = declared.setups[case.setup]
            region = REGIONS[setup.provider]
            slug = f"{case.entity}_{case.name}".lower().replace(" ", "-")
            wanted[region, "set", slug] = {
                "pool": declared.pool_of(case),
                "tags": _marks(declared, ids.get(f"use_case.{name}")),
            }
            wanted[region, "association", f"{setup.tenant} configuration-set/{slug}"] = True
    return wanted


def _marks(declared: Declared, id: str | None) -> dict[str, str | None]:
    return {**declared.tags, "chanplan:id": id, "chanplan:workspace": WORKSPACE}


def _spelled(actions: object) -> list[dict]:
    return [
        {
            "S3Action": {"BucketName": each["s3"]["bucket"]}
            | ({"ObjectKeyPrefix": each["s3"]["prefix"]} if "prefix" in each["s3"] else {})
        }
        for each in actions
    ]


def held(rows: dict[Row, object], strangers: dict[Row, object]) -> dict[Row, object]:
    """Says what the services hold beside what isn't ours: by region, kind and key, with marks and what else counts."""
    tags = {
        (region, key): {tag["Key"]: tag["Value"] for tag in value["tags"]}
        for (region, kind, key), value in rows.items()
        if kind == "ses.tags"
    }
    used = set()
    there: dict[Row, object] = {}

    def tags_of(region: str, arn: str) -> dict[str, str]:
        used.add((region, arn))
        return tags.get((region, arn), {})

    for (region, kind, key), value in rows.items():
        if kind.startswith("twilio."):
            continue
        if kind == "ses.receipt-rule-set":
            _recipients(region, key, value, there)
        if (region, kind, key) in strangers:
            continue
        prefix = f"arn:aws:ses:{region}:{ACCOUNT}:"
        match kind:
            case "ses.pool":
                arn = f"{prefix}dedicated-ip-pool/{key}"
                there[region, "pool", key] = {"scaling": value["ScalingMode"], "tags": tags_of(region, arn)}
            case "ses.tenant":
                policy = value["reputation"]["policy"].rpartition("/")[2]
                there[region, "tenant", key] = {"policy": policy, "tags": tags_of(region, value["TenantArn"])}
            case "ses.identity":
                mail_from = value["mail_from"] and value["mail_from"]["domain"]
                arn = f"{prefix}identity/{key}"
                there[region, "identity", key] = {"mail_from": mail_from, "tags": tags_of(region, arn)}
            case "ses.configuration-set":
                pool = value.get("DeliveryOptions", {}).get("SendingPoolName")
                arn = f"{prefix}configuration-set/{key}"
                there[region, "set", key] = {"pool": pool, "tags": tags_of(region, arn)}
            case "ses.association":
                resource = value["ResourceArn"].rpartition(":")[2]
                there[region, "association", f"{value['TenantName']} {resource}"] = True
            case "ses.resource-tenant" | "ses.tenant-id" | "ses.tags" | "ses.receipt-rule-set":
                pass
            case _:
                there[region, kind, key] = value
    for region, arn in tags.keys() - used:
        if (region, "ses.tags", arn) not in strangers:
            there[region, "tags of nothing", arn] = tags[region, arn]
    return there


def _recipients(region: str, rule_set: str, value: dict, there: dict[Row, object]) -> None:
    for rule in value["rules"]:
        if rule["Name"].startswith(OURS):
            if not rule["Recipients"] or not rule["Enabled"]:
                there[region, "rule", f"{rule_set} {rule['Name']}"] = rule
            for domain in rule["Recipients"]:
                there.setdefault((region, "recipient", f"{rule_set} {domain}"), []).append(rule["Actions"])


def others(rows: dict[Row, object]) -> dict[Row, object]:
    """Gives what isn't ours in a form that compares: without what SES notes down by itself, and without our rules."""
    found: dict[Row, object] = {}
    for row, value in rows.items():
        if row[1] == "ses.receipt-rule-set":
            rules = [rule for rule in value["rules"] if not rule["Name"].startswith(OURS)]
            found[row] = {**value, "rules": rules}
        elif not voice_oracle.is_ours(row, value):
            found[row] = _without_search(value)
    return found


def _without_search(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_search(inner) for name, inner in value.items() if name != "search"}
    return value


def _of_strangers(strangers: dict[Row, object], rows: dict[Row, object]) -> list[str]:
    now = others({row: value for row, value in rows.items() if row in strangers})
    return compared("strangers", strangers, now)
