"""Turning what is remembered back into what declares it."""

from chanplan.model.kinds.registry import KINDS
from chanplan.model.resources import ResourceState
from chanplan.model.values import Value

_FIRST = ("channel", "tenant_name", "domain_identity", "entity_name", "name", "pool_name", "account")
"""What people look for first."""
_LIFECYCLE = "prevent_destroy"


def declaration_of(resource: ResourceState) -> dict[str, Value]:
    """Give the block that declares a resource as it is: read back, it gives the very same attributes. What follows from
    other parts of the configuration (tags, pools, profiles) stands there, and nulls nowhere."""
    kind = KINDS[resource.address.kind]
    table = kind.attributes_of(resource.attributes)
    written: dict[str, Value] = {
        name: _named(name, value, resource)
        for name, value in resource.attributes.items()
        if name not in ("tags", _LIFECYCLE)
        and not (name in table and table[name].derived)
        and not (value is None or value == [])
    }
    if resource.scope.alias != "default" and not resource.references:
        written["provider"] = resource.scope.alias
    if resource.attributes.get(_LIFECYCLE):
        written["lifecycle"] = {_LIFECYCLE: True}
    order = {name: position for position, name in enumerate(_FIRST)}
    return dict(sorted(written.items(), key=lambda entry: order.get(entry[0], len(order))))


def _named(name: str, value: Value, resource: ResourceState) -> Value:
    if name in KINDS[resource.address.kind].references and isinstance(value, str):
        return value.partition(".")[2]
    if isinstance(value, dict):
        return {key: each for key, each in value.items() if each is not None}
    return value
