"""Configuration sets: created as a whole, updated block by block."""

import re

from chanplan.sandbox.documents import Document
from chanplan.sandbox.services import quirks
from chanplan.sandbox.services.call import (
    Call,
    Handler,
    already_exists,
    bad_request,
    limit_exceeded,
    not_found,
)
from chanplan.sandbox.services.paging import page
from chanplan.sandbox.services.ses import associations, names, tags

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
BLOCKS = (
    "TrackingOptions",
    "DeliveryOptions",
    "ReputationOptions",
    "SendingOptions",
    "SuppressionOptions",
    "VdmOptions",
    "ArchivingOptions",
    "MessageSecurityOptions",
)


def create_configuration_set(call: Call) -> Document:
    """Makes a configuration set with the blocks that are given."""
    name = call.params["ConfigurationSetName"]
    if not _NAME.fullmatch(name):
        raise bad_request(
            f"Invalid configuration set name <{name}>: only 1-64 letters, digits, _ and - are allowed."
        )
    blocks = {block: call.params[block] for block in BLOCKS if call.params.get(block)}
    _check_pool(call, blocks.get("DeliveryOptions", {}))
    if call.get(names.CONFIGURATION_SET, name) is not None:
        raise already_exists(quirks.SET_EXISTS.value.format(name=name))
    if call.state.count(call.scope, names.CONFIGURATION_SET) >= quirks.SETS_PER_REGION.value:
        raise limit_exceeded(
            f"The account has {quirks.SETS_PER_REGION.value} configuration sets in this region."
        )
    call.put(names.CONFIGURATION_SET, name, {"name": name, **blocks})
    tags.put(call, _arn(call, name), call.params.get("Tags", []))
    return {}


def get_configuration_set(call: Call) -> Document:
    """Answers a configuration set with tags; blocks that nobody set are left out."""
    kept = _existing(call)
    blocks = {block: kept[block] for block in BLOCKS if kept.get(block)}
    return {
        "ReputationOptions": {"ReputationMetricsEnabled": False},
        "SendingOptions": {"SendingEnabled": True},
        **blocks,
        "ConfigurationSetName": kept["name"],
        "Tags": tags.of(call, _arn(call, kept["name"])),
    }


def list_configuration_sets(call: Call) -> Document:
    """Lists the names."""
    contains = call.params.get("Filter", {}).get("CONFIGURATION_SET_NAME_CONTAINS")
    keep = None if contains is None else lambda row: contains in row.key
    found = page(call, names.CONFIGURATION_SET, quirks.SET_PAGES.value, keep=keep)
    return {"ConfigurationSets": [row.key for row in found.rows], "NextToken": found.next_token}


def delete_configuration_set(call: Call) -> Document:
    """Deletes a set that no tenant has any more; being some identity's default doesn't keep it."""
    name = _existing(call)["name"]
    arn = _arn(call, name)
    associations.guard(call, arn)
    tags.forget(call, arn)
    call.delete(names.DESTINATIONS, name)
    call.delete(names.CONFIGURATION_SET, name)
    return {}


def put_block(block: str) -> Handler:
    """Makes the handler of a PutConfigurationSet operation: the block becomes exactly what is given."""

    def put(call: Call) -> Document:
        given = {name: value for name, value in call.params.items() if name != "ConfigurationSetName"}
        # One of them carries its block as a whole, the others its members one by one.
        given = given.get(block, given)
        kept = _existing(call)
        if block == "DeliveryOptions":
            _check_pool(call, given)
        kept[block] = given
        call.put(names.CONFIGURATION_SET, kept["name"], kept)
        return {}

    return put


def _existing(call: Call) -> Document:
    name = call.params["ConfigurationSetName"]
    kept = call.get(names.CONFIGURATION_SET, name)
    if kept is None:
        raise not_found(quirks.SET_MISSING.value.format(name=name))
    return kept


def _check_pool(call: Call, delivery: Document) -> None:
    pool = delivery.get("SendingPoolName")
    if pool is None or pool in quirks.RESERVED_POOLS.value:
        return
    if not pool.strip():
        raise bad_request("SendingPoolName can't be blank.")
    if call.get(names.POOL, pool) is None:
        raise bad_request(quirks.POOL_MISSING_IN_SET.value.format(name=pool))


def _arn(call: Call, name: str) -> str:
    return call.arn(f"configuration-set/{name}")
