"""A workspace between reading and judging: what could be decoded, and where everything stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from chanplan.config.nodes import ListNode, MapNode, Node
from chanplan.config.reading import Reading
from chanplan.config.suggestions import Suggestions
from chanplan.model.addresses import Address
from chanplan.model.configuration import (
    Acknowledged,
    Import,
    Moved,
    Providers,
    Removed,
    Safety,
    SqliteSettings,
    StateSettings,
)
from chanplan.model.kinds.table import Kind
from chanplan.model.problems import Source
from chanplan.model.scopes import Scope
from chanplan.model.tier_policy import TierPolicies
from chanplan.model.values import Attributes


@dataclass(frozen=True, slots=True)
class Declaration:
    """One resource that could be decoded."""

    address: Address
    kind: Kind
    model: BaseModel
    attributes: Attributes
    source: Source
    """Where its name stands."""
    node: Node

    def place(self, *path: str | int) -> Source:
        """Give the place of a value inside it, or of the closest thing around it that was written."""
        node = self.node
        found = False
        for part in path:
            below: Node | None = None
            if isinstance(node, MapNode):
                below = node.values.get(str(part))
            elif isinstance(node, ListNode) and isinstance(part, int) and part < len(node.items):
                below = node.items[part]
            if below is None:
                break
            node, found = below, True
        return Source(self.source.file, node.line, node.column) if found else self.source


@dataclass(slots=True)
class Directives:
    """What is to happen besides what is declared."""

    moved: list[Moved] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    acknowledge: list[Acknowledged] = field(default_factory=list)


@dataclass(slots=True)
class Settings:
    """What holds for the whole workspace. None where it couldn't be decoded: nothing is judged by it then."""

    workspace: str | None = None
    state: StateSettings = field(default_factory=SqliteSettings)
    declared_state: Attributes = field(default_factory=dict)
    """The state's settings as written: the digest must not depend on where the files lie."""
    providers: Providers | None = None
    providers_source: Source | None = None
    tags: Mapping[str, str] | None = None
    safety: Safety = field(default_factory=Safety)
    tiers: TierPolicies = field(default_factory=TierPolicies)
    declared_tiers: Attributes = field(default_factory=dict)
    """The overrides as written: the digest is that of what is declared."""
    receiving_regions: frozenset[str] | None = None


@dataclass(slots=True)
class Draft:
    """Everything that was read of a workspace."""

    reading: Reading
    suggestions: Suggestions
    root: Source
    settings: Settings = field(default_factory=Settings)
    names: dict[Address, Source] = field(default_factory=dict)
    """Every declared name, also of resources that couldn't be decoded."""
    declarations: dict[Address, Declaration] = field(default_factory=dict)
    directives: Directives = field(default_factory=Directives)
    scopes: dict[Address, Scope] = field(default_factory=dict)
    """Where each resource lives, as far as its provider could be resolved."""

    def of_kind(self, kind: str) -> list[Declaration]:
        """Give the decoded resources of a kind, in the order of their names."""
        return [d for address, d in self.declarations.items() if address.kind == kind]
