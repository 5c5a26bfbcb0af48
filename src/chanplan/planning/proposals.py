"""What of a discovery can be imported, and how it could be declared. Says why of everything else."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration
from chanplan.model.discoveries import (
    FILL_IN,
    SETUP,
    Answers,
    Discovered,
    Findings,
    Owner,
    Proposal,
    Unclaimed,
    Undiscovered,
    Unfit,
)
from chanplan.model.kinds.judging import judged
from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.table import NaturalKey
from chanplan.model.kinds.use_case import slug
from chanplan.model.problems import Problem, Severity
from chanplan.model.scopes import Place, Scope
from chanplan.model.snapshots import Snapshot
from chanplan.model.values import Attributes, Value
from chanplan.planning import declaring
from chanplan.planning.known_objects import By, KnownObjects, known_objects

_LONGEST_NAME = 63

_ORDER = {kind: index for index, kind in enumerate(KINDS)}


def propose(
    found: Iterable[Discovered | Undiscovered],
    configuration: Configuration,
    snapshot: Snapshot,
    answers: Answers,
) -> Findings:
    """Sort out what was found. The order in which it was found doesn't matter.

    Left out is what state or configuration know. Everything else is proposed, unless something speaks against it: its
    service, its mark, the kind's schema, or a name that only one resource of a workspace may have.
    """
    objects = [each for each in found if isinstance(each, Discovered)]
    unread = [each for each in found if isinstance(each, Undiscovered)]
    return _Sorting(configuration, known_objects(configuration, snapshot), snapshot, answers).sort_out(
        sorted(objects, key=_place_in_order), unread
    )


def _place_in_order(found: Discovered) -> tuple[object, ...]:
    scope = found.scope
    return (
        _ORDER[found.kind],
        scope.provider,
        scope.account or "",
        scope.region or "",
        scope.alias,
        found.import_id.lower(),
        found.import_id,
    )


@dataclass(slots=True)
class _Sorting:
    configuration: Configuration
    known: KnownObjects
    snapshot: Snapshot
    answers: Answers
    proposals: list[Proposal] = field(default_factory=list)
    unfit: list[Unfit] = field(default_factory=list)
    setups: dict[tuple[Place, str], Proposal] = field(default_factory=dict)
    """Proposed setups by place and import id."""
    pools: dict[tuple[str, str | None], set[str]] = field(default_factory=lambda: defaultdict(set))
    """Names of known and proposed pools, in lower case, by provider and region."""
    names: set[Address] = field(default_factory=set)
    ids: dict[str, Address] = field(default_factory=dict)
    """Whose each mark is: of several objects that carry one, a resource is at most one."""
    claims: dict[tuple[str, str, Place | None], Address] = field(default_factory=dict)
    """Who holds what only one resource of the workspace may have."""

    def sort_out(self, objects: Iterable[Discovered], unread: Iterable[Undiscovered]) -> Findings:
        self._take_what_is_known()
        in_state, imported = 0, 0
        entries = {entry.target for entry in self.configuration.imports}
        claimed: dict[Address, list[Discovered]] = defaultdict(list)
        for found in objects:
            known = self.known.find(found)
            if known is not None:
                in_state += known.by is By.STATE
                imported += known.by is By.CONFIGURATION and known.address in entries
                if known.by is By.CONFIGURATION and known.address not in entries:
                    claimed[known.address].append(found)
                continue
            outcome = self._judge(found)
            if isinstance(outcome, Unfit):
                self.unfit.append(outcome)
            else:
                self.proposals.append(outcome)
                self.setups[found.scope.place, found.import_id] = outcome
        unclaimed = tuple(self._unclaimed(claimed))
        return Findings(
            self._with_single_senders(), tuple(self.unfit), unclaimed, in_state, imported, tuple(unread)
        )

    def _unclaimed(self, claimed: Mapping[Address, Sequence[Discovered]]) -> Iterator[Unclaimed]:
        """Give what is declared and only lacks an import; what another workspace made, or several could be, doesn't fit."""
        for address, objects in claimed.items():
            for found in objects:
                owner = _owner(found, self.configuration.workspace)
                if owner is Owner.OTHER:
                    self.unfit.append(Unfit(found, owner, (_of_other_workspace(found),)))
                elif len(objects) > 1:
                    self.unfit.append(Unfit(found, owner, (_one_of_several(found, address, objects),)))
                else:
                    yield Unclaimed(address, found, owner)

    def _take_what_is_known(self) -> None:
        self.names = {*self.snapshot.resources, *self.configuration.resources}
        self.names |= {intent.address for intent in self.snapshot.intents}
        self.ids = {resource.id: address for address, resource in self.snapshot.resources.items()}
        self.ids |= {intent.resource_id: intent.address for intent in self.snapshot.intents}
        self.names |= {move.origin for move in self.configuration.moved}
        self.names |= {removed.address for removed in self.configuration.removed}
        for address, resource in self.snapshot.resources.items():
            self._claim(address, resource.attributes, resource.scope)
        for address, desired in self.configuration.resources.items():
            self._claim(address, desired.attributes, desired.scope)
        for name, known in self.known.pools():
            self.pools[_region(known.scope)].add(name)

    def _claim(self, who: Address, attributes: Attributes, scope: Scope) -> None:
        for key in KINDS[who.kind].natural_keys(attributes):
            self.claims.setdefault(key.claim(scope), who)

    def _judge(self, found: Discovered) -> Proposal | Unfit:
        owner = _owner(found, self.configuration.workspace)
        if owner is Owner.OTHER:
            return Unfit(found, owner, (_of_other_workspace(found),))
        if not found.fits:
            return Unfit(found, owner, found.problems)
        mark = None if found.marks is None else found.marks.id
        if mark in self.ids:
            return Unfit(found, owner, (_copied_mark(found, self.ids[mark]),))
        draft = self._draft(found)
        if isinstance(draft, Problem):
            return Unfit(found, owner, (draft,))
        if not _is_import_id(found):
            return Unfit(found, owner, (_refused(found, "its id", "no import can name it"),))
        attributes = judged(KINDS[found.kind], draft.sampled())
        if isinstance(attributes, tuple):
            return Unfit(
                found, owner, tuple(_refused(found, each.attribute, each.form) for each in attributes)
            )
        taken = self._taken(found, attributes) or _unwritable(found, draft.declared)
        if taken is not None:
            return Unfit(found, owner, (taken,))
        address = self._address(found)
        if mark is not None:
            self.ids[mark] = address
        for key in _keys_of_objects(found, attributes):
            self.claims[key.claim(found.scope)] = address
        if found.kind == "sending_pool":
            self.pools[_region(found.scope)].add(found.import_id.lower())
        notes = (*found.problems, *self._on_pool(found))
        return Proposal(address, found, owner, draft.declared, tuple(draft.gaps), notes)

    def _draft(self, found: Discovered) -> declaring.Draft | Problem:
        match found.kind:
            case "sending_pool":
                return declaring.pool(found, self.answers)
            case "ses_setup":
                return declaring.ses_setup(found)
            case "twilio_setup":
                return declaring.twilio_setup(found)
            case _:
                return self._draft_of_use_case(found)

    def _draft_of_use_case(self, found: Discovered) -> declaring.Draft | Problem:
        named = found.facts.get(SETUP)
        setup = None if named is None else self._setup(found.scope, str(named))
        if named is not None and setup is None:
            return _without_setup(found, str(named))
        if found.scope.provider == "twilio":
            return declaring.voice_use_case(found, setup, self.answers)
        domain = str(named).partition("/")[2]
        assert setup is not None, "a configuration set that fits has a tenant"
        return declaring.email_use_case(found, setup, domain, self._family(found), self.answers)

    def _setup(self, scope: Scope, import_id: str) -> str | None:
        """Give the name of the setup with this import id: declared, or proposed. What only the state knows is about to go."""
        kind = "ses_setup" if scope.provider == "ses" else "twilio_setup"
        known = self.known.named(kind, scope, import_id)
        if known is not None and known.address in self.configuration.resources:
            return known.address.name
        proposed = self.setups.get((scope.place, import_id))
        return None if proposed is None else proposed.address.name

    def _family(self, found: Discovered) -> str | None:
        """Give the family of the pool that a configuration set sends through, where anybody said it."""
        pool = found.attributes.get("sending_pool")
        if not isinstance(pool, str):
            return None
        if pool in self.answers.pools:
            return self.answers.pools[pool].family
        known = self.known.named("sending_pool", found.scope, pool)
        if known is None:
            return None
        declared = self.configuration.resources.get(known.address) or self.snapshot.resources.get(
            known.address
        )
        return None if declared is None else str(declared.attributes["family"])

    def _on_pool(self, found: Discovered) -> Iterator[Problem]:
        """Tell that a configuration set will be moved: its pool follows from those that are declared at its place."""
        if found.kind != "use_case" or found.scope.provider != "ses":
            return
        pool, there = found.attributes.get("sending_pool"), self.pools[_region(found.scope)]
        if str(pool).lower() not in there and (there or pool is not None):
            through = "none" if pool is None else str(pool)
            yield Problem(
                "pool_will_change",
                f"Configuration set {found.import_id} names {through} of the pools that are declared at its place.",
                "The import's plan lets it send through the pool of its family and tier, or through SES's default where no pool is "
                "declared.",
                Severity.WARNING,
            )

    def _taken(self, found: Discovered, attributes: Attributes) -> Problem | None:
        for key in _keys_of_objects(found, attributes):
            holder = self.claims.get(key.claim(found.scope))
            if holder is not None:
                return Problem(
                    "name_taken",
                    f"{_called(found)} has the {key.namespace.replace('_', ' ')} '{key.value}', which {holder} has in this "
                    "workspace, and only one may.",
                    "Give it a workspace of its own, or rename it at its service where that can be done.",
                )
        return None

    def _address(self, found: Discovered) -> Address:
        name = _name_of(found)
        number = 1
        while (address := Address(found.kind, _numbered(name, number))) in self.names:
            number += 1
        self.names.add(address)
        return address

    def _with_single_senders(self) -> tuple[Proposal, ...]:
        """Leave the senders open that several use cases would have: which of them is meant, nobody said."""
        senders = Counter(
            str(proposal.declared.get("sender_email_address")).lower() for proposal in self.proposals
        )
        return tuple(
            self._without_sender(proposal)
            if (sender := proposal.declared.get("sender_email_address")) not in {None, FILL_IN}
            and (senders[str(sender).lower()] > 1 or self._sends(str(sender).lower()))
            else proposal
            for proposal in self.proposals
        )

    def _sends(self, sender: str) -> bool:
        return ("sender", sender, None) in self.claims

    @staticmethod
    def _without_sender(proposal: Proposal) -> Proposal:
        sender = str(proposal.declared["sender_email_address"])
        draft = declaring.Draft(dict(proposal.declared), list(proposal.gaps))
        why = f"Several use cases would send from {sender}; --sender-local-part may hold {{name}} and {{entity}}."
        declaring.leave_sender_open(draft, sender.rpartition("@")[2], why)
        return replace(proposal, declared=draft.declared, gaps=tuple(draft.gaps))


def _owner(found: Discovered, workspace: str) -> Owner:
    if found.marks is None:
        return Owner.UNKNOWN
    if found.marks.id is None:
        return Owner.NOBODY
    return Owner.ORPHAN if found.marks.workspace == workspace else Owner.OTHER


def _is_import_id(found: Discovered) -> bool:
    """Tell whether an import can name it by what its service calls it."""
    keys = KINDS[found.kind].parse_import_id(found.import_id)
    if keys is None or found.kind != "use_case":
        return keys is not None
    return ("application_sid" in keys) == (found.scope.provider == "twilio")


def _name_of(found: Discovered) -> str:
    """Give the name that an object's own suggests for its address."""
    match found.kind:
        case "sending_pool":
            text = found.import_id
        case "ses_setup":
            text = found.import_id.partition("/")[0]
        case "twilio_setup":
            text = str(found.facts.get("profile_name") or found.import_id.partition("/")[2])
        case _ if found.scope.provider == "ses":
            text = found.import_id
        case _:
            text = "_".join(slug(str(found.attributes[part])) for part in ("entity_name", "name"))
    name = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-_")[:_LONGEST_NAME]
    return name or found.kind.replace("_", "-")


def _numbered(name: str, number: int) -> str:
    suffix = "" if number == 1 else f"-{number}"
    return name[: _LONGEST_NAME - len(suffix)] + suffix


def _region(scope: Scope) -> tuple[str, str | None]:
    """Give where pools are told apart as far as it is always known: a declared alias may not name its account."""
    return scope.provider, scope.region


def _keys_of_objects(found: Discovered, attributes: Attributes) -> Iterable[NaturalKey]:
    """Give what only one resource may hold, but for senders: no service knows them, and a sample may stand there."""
    return [key for key in KINDS[found.kind].natural_keys(attributes) if key.namespace != "sender"]


def _called(found: Discovered) -> str:
    return f"{KINDS[found.kind].title} {found.import_id}"


def _of_other_workspace(found: Discovered) -> Problem:
    workspace = None if found.marks is None else found.marks.workspace
    return Problem(
        "other_workspace",
        f"{_called(found)} carries the mark of workspace {workspace or 'unknown'}.",
        "Leave it there. To move it here, let that workspace forget it (`chanplan state rm`, or `state mv --to`), and import it "
        "with --take-ownership.",
        data={"workspace": workspace},
    )


def _copied_mark(found: Discovered, holder: Address) -> Problem:
    return Problem(
        "mark_copied",
        f"{_called(found)} carries the mark of {holder}, which is another object.",
        "Somebody copied its tags, or made it anew under another name. Take the tag chanplan:id off it, and look again; `moved:` is for a "
        "resource that only has another address.",
    )


def _one_of_several(found: Discovered, address: Address, objects: Sequence[Discovered]) -> Problem:
    return Problem(
        "one_of_several",
        f"{_called(found)} could be {address}, and so could {len(objects) - 1} more of that name.",
        f"Say which one it is:\nimports:\n  - {{to: {address}, id: {found.import_id}}}",
    )


def _without_setup(found: Discovered, setup: str) -> Problem:
    return Problem(
        "setup_not_declared",
        f"{_called(found)} belongs to {setup}, which is neither declared nor proposed here.",
        "Look at what is said of that setup; it must be declared before its use cases can be.",
    )


def _refused(found: Discovered, attribute: str, form: str) -> Problem:
    return Problem(
        "value_refused",
        f"{_called(found)} has a value of {attribute} that a configuration may not hold: {form}.",
        "Change it at the service, where that can be done, and look again; or leave it as it is.",
        data={"attribute": attribute},
    )


def _unwritable(found: Discovered, value: Value) -> Problem | None:
    """Refuse what no file can hold: halves of surrogate pairs, which JSON lets through."""
    if isinstance(value, str):
        broken = any("\ud800" <= character <= "\udfff" for character in value)
        return _refused(found, "some attribute", "it isn't text in any encoding") if broken else None
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return next(filter(None, (_unwritable(found, part) for part in parts)), None)
