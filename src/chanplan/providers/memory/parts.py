"""What objects of each kind are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chanplan.model.kinds.sending_pool import SHARED_POOL
from chanplan.model.kinds.use_case import configuration_set_name
from chanplan.model.scopes import Scope
from chanplan.model.values import Attributes, Facts, Value
from chanplan.providers.memory.world import Key, key_of

Named = Callable[[Attributes, Facts], str]


def _always(_attributes: Attributes) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class PartKind:
    """One part of an object."""

    part: str
    named: Named
    """Gives its name from attributes and context."""
    marked: bool = False
    """Whether it carries our mark, and whether a second one of its name is refused."""
    of: str = ""
    """The marked part that it belongs to, when it isn't one."""
    holds: tuple[str, ...] = ()
    """The attributes that it carries and reports."""
    wanted: Callable[[Attributes], bool] = _always
    """Whether an object with these attributes has it."""
    optional: str = ""
    """The attribute that reads as null when the part isn't there."""
    uses: Callable[[Attributes, Facts, Scope], tuple[Key, ...]] = lambda _a, _c, _s: ()


def _text(attribute: str) -> Named:
    return lambda attributes, _context: str(attributes[attribute])


def _pair(attributes: Attributes, _context: Facts) -> str:
    return f"{attributes['tenant_name']}/{attributes['domain_identity']}"


def _pair_uses(attributes: Attributes, _context: Facts, scope: Scope) -> tuple[Key, ...]:
    return (
        key_of(scope, "tenant", str(attributes["tenant_name"])),
        key_of(scope, "identity", str(attributes["domain_identity"])),
    )


def _set_name(attributes: Attributes, _context: Facts) -> str:
    return configuration_set_name(str(attributes["entity_name"]), str(attributes["name"]))


def _set_uses(attributes: Attributes, _context: Facts, scope: Scope) -> tuple[Key, ...]:
    pool = attributes.get("sending_pool")
    return (key_of(scope, "pool", pool),) if isinstance(pool, str) and pool != SHARED_POOL else ()


def _set_pair(attributes: Attributes, context: Facts) -> str:
    return f"{context.get('tenant_name')}/{_set_name(attributes, context)}"


def _set_pair_uses(attributes: Attributes, context: Facts, scope: Scope) -> tuple[Key, ...]:
    return (
        key_of(scope, "tenant", str(context.get("tenant_name"))),
        key_of(scope, "configuration_set", _set_name(attributes, context)),
    )


_SES_SETUP = (
    PartKind("tenant", _text("tenant_name"), marked=True, holds=("tenant_name", "tags")),
    PartKind("reputation_policy", _text("tenant_name"), of="tenant", holds=("reputation_policy",)),
    PartKind("identity", _text("domain_identity"), marked=True, holds=("domain_identity", "tags")),
    PartKind("mail_from", _text("domain_identity"), of="identity", holds=("mail_from",)),
    PartKind("association", _pair, of="identity", uses=_pair_uses),
    PartKind(
        "receipt_rule",
        _text("domain_identity"),
        of="identity",
        holds=("receiving",),
        wanted=lambda attributes: attributes.get("receiving") is not None,
        optional="receiving",
    ),
)
_SENDING_POOL = (PartKind("pool", _text("pool_name"), marked=True, holds=("pool_name", "scaling", "tags")),)
_EMAIL = (
    PartKind("configuration_set", _set_name, marked=True, holds=("sending_pool", "tags"), uses=_set_uses),
    PartKind("set_association", _set_pair, of="configuration_set", uses=_set_pair_uses),
)

ABSENT: Mapping[str, Value] = {"receiving": None}
"""How an optional part reads when it isn't there."""


def parts_of(kind: str) -> tuple[PartKind, ...]:
    """Give the parts of an object in the order in which they are made."""
    match kind:
        case "ses_setup":
            return _SES_SETUP
        case "sending_pool":
            return _SENDING_POOL
        case "use_case":
            return _EMAIL
        case _:
            raise KeyError(kind)
