"""Dedicated IP pools. The sandbox leases no IP addresses, so every pool is empty."""

import re
from collections.abc import Callable

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import ServiceError
from chanplan.sandbox.services import quirks
from chanplan.sandbox.services.call import Call, already_exists, bad_request, limit_exceeded, not_found
from chanplan.sandbox.services.paging import page
from chanplan.sandbox.services.ses import names, tags
from chanplan.sandbox.state.storage import Row

_NAME = re.compile(r"[a-z0-9_-]{1,64}")


def create_dedicated_ip_pool(call: Call) -> Document:
    """Makes a pool, standard unless told otherwise."""
    name, mode = call.params["PoolName"], call.params.get("ScalingMode", "STANDARD")
    _refuse_reserved(name)
    if not _NAME.fullmatch(name):
        raise bad_request(
            f"Invalid pool name <{name}>: only 1-64 lower-case letters, digits, _ and - are allowed."
        )
    if call.get(names.POOL, name) is not None:
        raise already_exists(quirks.POOL_EXISTS.value.format(name=name))
    if mode == "MANAGED":
        _require_room(call, limit_exceeded)
    call.put(names.POOL, name, {"PoolName": name, "ScalingMode": mode})
    tags.put(call, _arn(call, name), call.params.get("Tags", []))
    return {}


def get_dedicated_ip_pool(call: Call) -> Document:
    """Answers a pool, without tags."""
    _refuse_reserved(call.params["PoolName"])
    return {"DedicatedIpPool": _existing(call)}


def list_dedicated_ip_pools(call: Call) -> Document:
    """Lists the names."""
    found = page(call, names.POOL, quirks.POOL_PAGES.value)
    return {"DedicatedIpPools": [row.key for row in found.rows], "NextToken": found.next_token}


def put_dedicated_ip_pool_scaling_attributes(call: Call) -> Document:
    """Turns a standard pool into a managed one; never back."""
    pool, mode = _existing(call), call.params["ScalingMode"]
    if pool["ScalingMode"] == "MANAGED" and mode == "STANDARD":
        raise bad_request(quirks.POOL_MODE_REFUSED.value)
    if pool["ScalingMode"] == "STANDARD" and mode == "MANAGED":
        # The model knows no LimitExceededException here, unlike at the create.
        _require_room(call, bad_request)
    call.put(names.POOL, pool["PoolName"], {**pool, "ScalingMode": mode})
    return {}


def delete_dedicated_ip_pool(call: Call) -> Document:
    """Deletes a pool, in use or not: what real SES does with sets that name it is unknown."""
    pool = _existing(call)
    tags.forget(call, _arn(call, pool["PoolName"]))
    call.delete(names.POOL, pool["PoolName"])
    return {}


def get_dedicated_ips(call: Call) -> Document:
    """Answers the addresses of a pool or of the account: none."""
    name = call.params.get("PoolName")
    if name is not None and name not in quirks.RESERVED_POOLS.value:
        _existing(call)
    page(call, "ses.dedicated-ip", quirks.POOL_PAGES.value)
    return {"DedicatedIps": []}


def _existing(call: Call) -> Document:
    name = call.params["PoolName"]
    pool = call.get(names.POOL, name)
    if pool is None:
        raise not_found(quirks.POOL_MISSING.value.format(name=name))
    return pool


def _refuse_reserved(name: str) -> None:
    if name in quirks.RESERVED_POOLS.value:
        raise bad_request(quirks.RESERVED_POOL_REFUSED.value.format(name=name))


def _require_room(call: Call, refusal: Callable[[str], ServiceError]) -> None:
    def managed(row: Row) -> bool:
        return bool(row.value["ScalingMode"] == "MANAGED")

    rows = call.state.rows(call.scope, names.POOL, limit=100_000)
    if len([row for row in rows if managed(row)]) >= quirks.MANAGED_POOLS_PER_REGION.value:
        raise refusal(
            f"The account has {quirks.MANAGED_POOLS_PER_REGION.value} managed pools in this region."
        )


def _arn(call: Call, name: str) -> str:
    return call.arn(f"dedicated-ip-pool/{name}")
