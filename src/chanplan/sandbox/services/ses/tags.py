"""
Tags of everything in SES that can carry them, kept under the ARN.

The row of a resource outlives its last tag, and remembers the tags before the latest change, because the tagging
service shows both: resources that were tagged once, and changes only after a while.
"""

from chanplan.sandbox.documents import Document
from chanplan.sandbox.services import quirks
from chanplan.sandbox.services.call import Call, bad_request, not_found
from chanplan.sandbox.services.ses import names

_LONGEST_KEY = 128
_LONGEST_VALUE = 256
_TYPES = {
    "identity": (names.IDENTITY, "EmailIdentity"),
    "configuration-set": (names.CONFIGURATION_SET, "ConfigurationSet"),
    "dedicated-ip-pool": (names.POOL, "DedicatedIpPool"),
}


def tag_resource(call: Call) -> Document:
    """Adds tags, or gives those of the same key another value."""
    arn = _existing(call, call.params["ResourceArn"])
    tags = {**_pairs(of(call, arn)), **_pairs(call.params["Tags"])}
    put(call, arn, _listed(tags))
    return {}


def untag_resource(call: Call) -> Document:
    """Removes tags; keys that aren't there are passed over."""
    arn = _existing(call, call.params["ResourceArn"])
    gone = call.params["TagKeys"]
    put(call, arn, [tag for tag in of(call, arn) if tag["Key"] not in gone])
    return {}


def list_tags_for_resource(call: Call) -> Document:
    """Answers the tags of a resource."""
    return {"Tags": of(call, _existing(call, call.params["ResourceArn"]))}


def of(call: Call, arn: str) -> list[Document]:
    """Returns the tags of a resource, in the order of their keys."""
    row = call.get(names.TAGS, arn) or {}
    tags: list[Document] = row.get("tags", [])
    return tags


def put(call: Call, arn: str, tags: list[Document]) -> None:
    """Gives a resource exactly these tags; one that never had any gets no row."""
    if len(tags) > quirks.TAGS_PER_RESOURCE.value:
        raise bad_request(f"Too many tags: a resource has at most {quirks.TAGS_PER_RESOURCE.value}.")
    for tag in tags:
        if not 1 <= len(tag["Key"]) <= _LONGEST_KEY or len(tag["Value"]) > _LONGEST_VALUE:
            raise bad_request(
                f"The tag {tag['Key'][:_LONGEST_KEY]} has a key or a value that is too long or empty."
            )
    row = call.get(names.TAGS, arn)
    if row is None and not tags:
        return
    before = [] if row is None else row["tags"]
    call.put(names.TAGS, arn, {"tags": _listed(_pairs(tags)), "before": before, "changed": call.now})


def forget(call: Call, arn: str) -> None:
    """Drops the tags of a resource that is gone."""
    call.delete(names.TAGS, arn)


def _existing(call: Call, arn: str) -> str:
    """Returns the ARN under which the resource's tags are kept, or refuses an ARN without a resource."""
    parts = names.taken_apart(arn)
    if parts is None or parts.service != "ses" or (parts.account, parts.region) != call.scope:
        raise bad_request(f"The ARN <{arn}> is not a valid SES resource ARN of this account and region.")
    if parts.type == "tenant":
        name, _, number = parts.name.rpartition("/")
        known = call.get(names.TENANT_ID, number)
        if known is None:
            raise not_found(quirks.TAG_TENANT_MISSING.value.format(name=name or "null", id=number))
        return str(known["arn"])
    if parts.type not in _TYPES:
        raise bad_request(f"Resources of type {parts.type} can't be tagged.")
    kind, spoken = _TYPES[parts.type]
    if call.get(kind, parts.name) is None:
        raise not_found(quirks.TAG_TARGET_MISSING.value.format(type=spoken, name=parts.name))
    return arn


def _pairs(tags: list[Document]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _listed(pairs: dict[str, str]) -> list[Document]:
    return [{"Key": key, "Value": pairs[key]} for key in sorted(pairs)]
