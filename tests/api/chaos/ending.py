"""When all is quiet: what the services hold and what the state knows are one and the same."""

from pathlib import Path

from chanplan.model.snapshots import Snapshot
from tests.chaos import oracle

ACCOUNT, REGION = "123456789012", "us-east-1"


def differences(snapshot: Snapshot, sandbox: Path, workspace: str) -> list[str]:
    """Says what of the services and the state doesn't fit: orphans, duplicates, and what was begun and never finished."""
    said = [f"an open intent to {each.kind} {each.address}" for each in snapshot.intents]
    said += [f"{at} isn't finished" for at, each in snapshot.resources.items() if not each.complete]
    ids = [each.id for each in snapshot.resources.values()]
    said += [f"the state knows {id} twice" for id in {id for id in ids if ids.count(id) > 1}]
    wanted = _wanted(snapshot, workspace)
    return said + oracle.compared("services", wanted, oracle.held(oracle.rows_in(sandbox), {}))


def _wanted(snapshot: Snapshot, workspace: str) -> dict[oracle.Row, object]:
    wanted: dict[oracle.Row, object] = {}
    for resource in snapshot.resources.values():
        marks = {"chanplan:id": resource.id, "chanplan:workspace": workspace}
        attributes = resource.attributes
        match resource.address.kind:
            case "sending_pool":
                name = attributes["pool_name"]
                wanted[REGION, "pool", name] = {"scaling": "MANAGED", "tags": marks}
            case "ses_setup":
                tenant, domain = attributes["tenant_name"], attributes["domain_identity"]
                wanted[REGION, "tenant", tenant] = {"policy": "standard", "tags": marks}
                wanted[REGION, "identity", domain] = {"mail_from": f"bounce.{domain}", "tags": marks}
                wanted[REGION, "association", f"{tenant} identity/{domain}"] = True
            case _:
                (setup,) = resource.references
                name = resource.facts["configuration_set_name"]
                wanted[REGION, "set", name] = {"pool": "chaos-transactional", "tags": marks}
                tenant = snapshot.resources[setup].attributes["tenant_name"]
                wanted[REGION, "association", f"{tenant} configuration-set/{name}"] = True
    return wanted
