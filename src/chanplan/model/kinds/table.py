"""The table of a kind: what planner, configuration, state and renderers need to know of it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import BaseModel, TypeAdapter

from chanplan.model.addresses import Address
from chanplan.model.gates import GateKind
from chanplan.model.plans import Action, Loss
from chanplan.model.resources import ResourceState
from chanplan.model.scopes import Place, Scope
from chanplan.model.values import Attributes, Facts, Value


class Effect(StrEnum):
    """What a change of a declared attribute means."""

    IN_PLACE = "in_place"
    """An update at the service."""
    STATE_ONLY = "state_only"
    """An update that makes no call: the service doesn't know the attribute."""
    REPLACE = "replace"
    REFUSED = "refused"
    """Not in one plan; `Attribute.steps` says how to do it in two."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One declared attribute."""

    effect: Effect
    decide: Callable[[Value, Value], Effect] | None = None
    """Decides by the values where the effect depends on them."""
    code: str = ""
    """The refusal's code, for `REFUSED`."""
    steps: str = ""
    """How to do in two steps what is refused in one."""
    read_in_part: bool = False
    """Whether a reading finds only what it is told to look for: tags by keys that are ours, rules by their set."""
    derived: bool = False
    """Whether nobody declares it: it follows from other resources and from what is remembered."""
    passes_on: bool = False
    """Whether its values pass to other resources one by one before a deletion, so that fewer of them are no surprise."""

    def effect_of(self, before: Value, after: Value) -> Effect:
        """Say what changing from one value to another means."""
        return self.effect if self.decide is None else self.decide(before, after)


@dataclass(frozen=True, slots=True, order=True)
class NaturalKey:
    """A value that only one resource of the workspace may have."""

    namespace: str
    """`tenant`, `domain`, `use_case`, `sender`, `configuration_set`, `phone_number`, `pool`."""
    value: str
    """Folded: compared without regard to case."""
    names_object: bool = field(default=True, compare=False)
    """Whether it tells which object at the service this is; a sender or a number merely belongs to one."""
    regional: bool = field(default=False, compare=False)
    """Whether the service keeps it per region, so that another region may have the same."""

    def claim(self, scope: Scope) -> tuple[str, str, Place | None]:
        """Give what only one resource may hold."""
        return (self.namespace, self.value, scope.place if self.regional else None)


@dataclass(frozen=True, slots=True)
class GateNeed:
    """The gate that the creation of a resource waits for."""

    kind: GateKind
    on: Address


@dataclass(frozen=True, slots=True)
class Kind:
    """Everything about a kind that isn't how its service is called."""

    name: str
    section: str
    """Its key in the configuration."""
    title: str
    """What people call it."""
    adapter: TypeAdapter[BaseModel]
    """Decodes one declared resource."""
    declare: Callable[[BaseModel], Attributes]
    """Turns a decoded declaration into attributes: defaults filled in, references as text of addresses."""
    provider_of: Callable[[Attributes], str]
    attributes_of: Callable[[Attributes], Mapping[str, Attribute]]
    computed_of: Callable[[Attributes], tuple[str, ...]]
    """Observed-only attributes that exist after a create."""
    natural_keys: Callable[[Attributes], tuple[NaturalKey, ...]]
    references: Mapping[str, str]
    """The kind that each referring attribute refers to."""
    parse_import_id: Callable[[str], Attributes | None]
    """Gives the natural-key attributes that an import id names, or None when it isn't one."""
    import_form: str
    """The form of an import id, for messages."""
    import_id_of: Callable[[Attributes, Facts, Scope], str | None]
    """Gives the id under which a resource can be imported, None where its attributes and facts don't tell."""
    gate_of: Callable[[Attributes], GateNeed | None] = lambda _: None
    losses_of: Callable[[Attributes], tuple[Loss, ...]] = lambda _: ()
    lost_with: Callable[[Attributes, Collection[str]], tuple[Loss, ...]] = lambda _a, _p: ()
    """What went with parts that aren't there any more (`Observed.incomplete`), while the rest is."""
    context_of: Callable[[Attributes, Mapping[Address, ResourceState]], Facts] = lambda _a, _r: {}
    replacement_of: Callable[[Attributes], Action] = lambda _: Action.REPLACE
    tagged: Callable[[Attributes], bool] = lambda _: False
    """Whether `tags` of the workspace go onto its objects."""
    told_apart_by: Callable[[Attributes], str] = lambda _: ""
    """The fact that tells an object of ours where none carries a mark; empty where they carry one."""
    owns_objects: bool = True
    """Whether it makes and deletes objects at its service. One that doesn't only names what must be there already."""
