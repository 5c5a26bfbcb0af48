"""Runs planner cases: a base configuration that was applied, edits to it, what services say, and what is asked."""

import copy
import json
import tempfile
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from chanplan.config.loader import load_configuration
from chanplan.model.addresses import Address, parse_address
from chanplan.model.configuration import Configuration
from chanplan.model.gates import GateState
from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.ses_setup import dns_records
from chanplan.model.kinds.table import Effect
from chanplan.model.kinds.twilio_setup import profile_sid
from chanplan.model.kinds.use_case import numbers_of
from chanplan.model.numbers import NumberSeen
from chanplan.model.plans import Action, Change, Drift, Half, Plan, RefreshMode
from chanplan.model.problems import Problem
from chanplan.model.records import Outcome, RecordVerdict
from chanplan.model.requests import Reading, Request, Unreadable
from chanplan.model.resources import Depth, Desired, Importing, Marks, Observed, Origin, ResourceState
from chanplan.model.scopes import Place, Scope
from chanplan.model.snapshots import Acknowledgement, Intent, IntentKind, Snapshot
from chanplan.planning.accepting import make_acceptance
from chanplan.planning.edges import steps_of
from chanplan.planning.estimate import Costs
from chanplan.planning.moves import with_moves
from chanplan.planning.planner import make_plan

CASES = Path(__file__).parent / "cases"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
APPLIED_AT = datetime(2026, 2, 27, 12, tzinfo=UTC)
COSTS = Costs(calls_of=lambda _: {"call": 1}, rate_of=lambda _scope, _operation: None)


def address(text: str) -> Address:
    """Read an address that a case names."""
    parsed = parse_address(text)
    assert parsed is not None, f"{text!r} isn't an address"
    return parsed


def load(document: Mapping[str, Any]) -> Configuration:
    """Read a configuration through the real loader."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "chanplan.yaml"
        # JSON is YAML, and is written faster.
        root.write_text(json.dumps(document), encoding="utf-8")
        configuration = load_configuration(root, {})
    # Where the file lay is of no interest to a case.
    resources = {key: replace(each, source=None) for key, each in configuration.resources.items()}
    return replace(configuration, root="chanplan.yaml", resources=resources)


@lru_cache(maxsize=1)
def base_document() -> dict[str, Any]:
    """Give the base configuration as it stands in its file; a caller changes copies only."""
    document = yaml.safe_load((CASES / "base.yaml").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def edited(
    document: Mapping[str, Any], edit: Mapping[str, Any], rename: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Give a document with dotted paths renamed, then set to values; null deletes."""
    changed = copy.deepcopy(dict(document))
    for path, name in (rename or {}).items():
        *parents, last = path.split(".")
        _inside(changed, parents)[name] = _inside(changed, parents).pop(last)
    for path, value in edit.items():
        *parents, last = path.split(".")
        inner = _inside(changed, parents)
        if value is None:
            inner.pop(last, None)
        else:
            inner[last] = value
    return changed


def _inside(document: dict[str, Any], path: Iterable[str]) -> dict[str, Any]:
    for part in path:
        document = document.setdefault(part, {})
    return document


def plan_of(
    configuration: Configuration,
    snapshot: Snapshot,
    reading: Reading | None = None,
    request: Request | None = None,
    now: datetime = NOW,
) -> Plan:
    """Plan, asking nobody unless there is a reading."""
    if request is not None and request.refresh_only:
        return make_acceptance(configuration, snapshot, reading or Reading(RefreshMode.NONE), request, now)
    return make_plan(
        configuration,
        with_moves(snapshot, configuration.moved),
        reading or Reading(RefreshMode.NONE),
        request or Request(),
        now,
        COSTS,
    )


def id_of(each: Address) -> str:
    """Give the id that a pretended apply draws for an address."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, str(each)))


def application_of(each: Address) -> str:
    """Give the SID of the Application that a pretended apply makes for a line."""
    return f"AP-{each.name}"


def pretend_apply(plan: Plan, configuration: Configuration, snapshot: Snapshot) -> Snapshot:
    """Give the state after every change of a plan was done, as if every gate were open."""
    resources = dict(with_moves(snapshot, configuration.moved).snapshot.resources)
    for change in plan.effective:
        for step in steps_of(change):
            if step.half in (Half.DELETE, Half.FORGET):
                if change.action is not Action.REPLACE_CREATE_FIRST:
                    del resources[change.address]
            elif change.desired is not None:
                resources[change.address] = _remembered(
                    change.desired, resources.get(change.address), change, step.half
                )
    return replace(
        snapshot,
        workspace=plan.workspace,
        lineage="0b4f3b8e",
        serial=snapshot.serial + 1,
        resources=resources,
        intents=(),
    )


def _remembered(desired: Desired, held: ResourceState | None, change: Change, half: Half) -> ResourceState:
    new = half is Half.CREATE and (held is None or held.complete)
    facts: dict[str, Any] = {} if held is None or new else dict(held.facts)
    if "email_type" in desired.attributes:
        facts.setdefault("tier", "onboarding")
    if desired.address.kind == "ses_setup":
        facts.setdefault("dkim_tokens", ["one", "two", "three"])
    if "twilio_setup" in desired.attributes:
        facts.setdefault("application_sid", application_of(desired.address))
        facts["numbers"] = {
            number: {"sid": f"PN{number[1:]}", "assignment": f"RA{number[1:]}"}
            for number in numbers_of(desired.attributes)
        }
    scope = desired.scope if desired.scope.account is not None else change.scope
    return ResourceState(
        address=desired.address,
        id=id_of(desired.address) if held is None or new else held.id,
        scope=scope,
        attributes=desired.attributes,
        facts=facts,
        references=desired.references,
        origin=Origin.CONFIGURATION if held is None else held.origin,
        created_at=APPLIED_AT,
        updated_at=APPLIED_AT,
    )


def applied(document: Mapping[str, Any]) -> Snapshot:
    """Give the state in which a configuration was applied in full."""
    configuration = load(document)
    return pretend_apply(plan_of(configuration, Snapshot()), configuration, Snapshot())


@lru_cache(maxsize=1)
def applied_base() -> Snapshot:
    """Give the state in which the base configuration was applied."""
    return applied(base_document())


def reported(resource: ResourceState) -> dict[str, Any]:
    """Give the attributes of a resource that its service can tell."""
    told = (Effect.IN_PLACE, Effect.REPLACE)
    table = KINDS[resource.address.kind].attributes_of(resource.attributes)
    return {
        name: resource.attributes[name]
        for name, attribute in table.items()
        if attribute.effect in told and name in resource.attributes
    }


def healthy(resource: ResourceState, workspace: str) -> Observed:
    """Give what a direct read finds when nothing happened behind our back."""
    facts: dict[str, Any] = dict(resource.facts)
    if resource.address.kind == "ses_setup":
        facts |= {"dkim_status": "SUCCESS", "mail_from_status": "SUCCESS"}
    if resource.address.kind == "twilio_setup":
        facts |= {"profile_status": "twilio-approved", "profile_sid": profile_sid(resource.attributes)}
    marks = Marks(resource.id, workspace) if KINDS[resource.address.kind].owns_objects else None
    return Observed(reported(resource), facts, NOW, Depth.DIRECT, marks)


def verdicts(resource: ResourceState, said: Mapping[str, str]) -> tuple[RecordVerdict, ...]:
    """Give what the DNS says of a setup's records: verified, but for the purposes in `said`."""
    return tuple(
        RecordVerdict(record, Outcome(said.get(record.purpose, "verified")), "As the case says.")
        for record in dns_records(resource.attributes, resource.facts, str(resource.scope.region))
    )


def all_is_well(snapshot: Snapshot, workspace: str = "acme") -> Reading:
    """Give what a deep refresh brings when nothing happened behind our back."""
    return Services({}, workspace).reading(snapshot, Configuration(workspace, "", {}))


@dataclass(frozen=True, slots=True)
class Services:
    """What the services say differently from what the state remembers."""

    said: Mapping[str, Any]
    workspace: str = "acme"

    def reading(self, snapshot: Snapshot, configuration: Configuration) -> Reading:
        """Give what a refresh brings."""
        mode = RefreshMode(self.said.get("refresh", "deep"))
        if mode is RefreshMode.NONE:
            return Reading(mode)
        gone = frozenset(map(address, self.said.get("gone", ())))
        unconfirmed = gone | set(map(address, self.said.get("unconfirmed", ())))
        observed = {
            each: self._observed(healthy(resource, self.workspace), str(each))
            for each, resource in snapshot.resources.items()
            if each not in unconfirmed
        }
        observed |= self._existing("exists", configuration)
        asked = {
            each: verdicts(snapshot.resources[each], self.said.get("dns", {}).get(str(each), {}))
            for each in observed
            if each.kind == "ses_setup" and each in snapshot.resources and self.said.get("dns") != "unasked"
        }
        unreadable = tuple(
            Unreadable(
                Scope(place["provider"], place.get("account"), place.get("region"), place["alias"]),
                Problem("access_denied", f"{place['provider']} couldn't be read."),
            )
            for place in self.said.get("unreadable", ())
        )
        return Reading(
            mode=mode,
            at=NOW,
            observed=observed,
            gone=gone,
            verdicts=asked,
            unreadable=unreadable,
            taken=self._existing("taken", configuration),
            absent=frozenset(map(address, self.said.get("absent", ()))),
            numbers=self._numbers(configuration),
        )

    def _numbers(self, configuration: Configuration) -> dict[Place, dict[str, NumberSeen | None]]:
        """Give what a book of numbers tells, where the case says anything: null is a number that isn't owned."""
        seen = {
            number: None if said is None else NumberSeen(f"PN{number[1:]}", **said)
            for number, said in self.said.get("numbers", {}).items()
        }
        places = {
            each.scope.place for each in configuration.resources.values() if each.scope.provider == "twilio"
        }
        return dict.fromkeys(places, seen) if seen else {}

    def _existing(self, word: str, configuration: Configuration) -> dict[Address, Observed]:
        found = {}
        for text, marks in self.said.get(word, {}).items():
            desired = configuration.resources[address(text)]
            marked = None if marks is None else Marks(self._id(marks), marks.get("workspace"))
            said = marks or {}
            found[desired.address] = Observed(
                {**desired.attributes, **said.get("attributes", {})},
                said.get("facts", {}),
                NOW,
                Depth.DIRECT,
                marked,
                carried=tuple(Marks(id, owner) for id, owner in said.get("carried", {}).items()),
                incomplete=tuple(said.get("incomplete", ())),
                candidates=tuple(said.get("candidates", ())),
            )
        return found

    @staticmethod
    def _id(marks: Mapping[str, str]) -> str | None:
        return id_of(address(marks["of"])) if "of" in marks else marks.get("id")

    def _observed(self, seen: Observed, text: str) -> Observed:
        unread = self.said.get("unread", {}).get(text, ())
        attributes = {name: value for name, value in seen.attributes.items() if name not in unread}
        marks = self.said.get("marks", {}).get(text)
        return replace(
            seen,
            attributes={**attributes, **self.said.get("attributes", {}).get(text, {})},
            facts={**seen.facts, **self.said.get("facts", {}).get(text, {})},
            incomplete=tuple(self.said.get("incomplete", {}).get(text, ())),
            marks=seen.marks if marks is None else Marks(marks.get("id"), marks.get("workspace")),
        )


@dataclass(frozen=True, slots=True)
class Case:
    """One rule with an example of it."""

    name: str
    rule: str
    written: Mapping[str, Any] = field(default_factory=dict)

    def plan(self) -> Plan:
        """Make the plan that the case is about."""
        configuration = load(
            edited(self._applied_document(), self.written.get("edit", {}), self.written.get("rename"))
        )
        snapshot = self._snapshot()
        moved = with_moves(snapshot, configuration.moved).snapshot
        reading = Services(self.written.get("services", {})).reading(moved, configuration)
        request = self._request()
        plan = plan_of(configuration, snapshot, reading, request)
        approved = self.written.get("ask", {}).get("approved")
        if approved is None:
            return plan
        chosen = [change for change in plan.changes if str(change.address) in approved]
        prints = frozenset(print_ for change in chosen for print_ in change.fingerprints)
        return plan_of(
            configuration, snapshot, reading, replace(request, approved=prints, approved_by="--expect")
        )

    def _applied_document(self) -> dict[str, Any]:
        return edited(base_document(), self.written.get("before", {}))

    def _snapshot(self) -> Snapshot:
        state = self.written.get("state", {})
        if state == "empty":
            return Snapshot()
        snapshot = applied(self._applied_document()) if "before" in self.written else applied_base()
        resources = dict(snapshot.resources)
        for text, tweak in state.get("resources", {}).items():
            held = resources[address(text)]
            resources[held.address] = replace(
                held,
                attributes={**held.attributes, **tweak.get("attributes", {})},
                facts={**held.facts, **tweak.get("facts", {})},
                complete=tweak.get("complete", True),
                origin=Origin(tweak.get("origin", held.origin)),
            )
        for text in state.get("forgotten", ()):
            del resources[address(text)]
        return replace(
            snapshot,
            resources=resources,
            intents=tuple(_intent(entry, snapshot.resources) for entry in state.get("begun", ())),
            acknowledgements=tuple(
                Acknowledgement(address(entry["address"]), entry["action"], entry["reason"], APPLIED_AT)
                for entry in state.get("spent", ())
            ),
        )

    def _request(self) -> Request:
        asked = self.written.get("ask", {})
        return Request(
            destroy=asked.get("destroy", False),
            refresh_only=asked.get("refresh_only", False),
            targets=tuple(map(address, asked.get("targets", ()))),
            allow_delete=frozenset(map(address, asked.get("allow_delete", ()))),
            allow_replace=frozenset(map(address, asked.get("allow_replace", ()))),
            take_ownership=frozenset(map(address, asked.get("take_ownership", ()))),
            allow_all=asked.get("allow_all", False),
        )


def _intent(entry: Mapping[str, Any], resources: Mapping[Address, ResourceState]) -> Intent:
    (kind,) = (kind for kind in IntentKind if kind in entry)
    held = resources[address(entry[kind])]
    held = replace(held, attributes={**held.attributes, **entry.get("was", {})})
    wanted = entry.get("to", {})
    return Intent(
        id="6f1d",
        kind=kind,
        address=held.address,
        resource_id=entry.get("id", held.id),
        started_at=APPLIED_AT,
        run_id="run",
        desired=Desired(held.address, {**held.attributes, **wanted}, held.scope, held.references),
        prior=held,
        changed=tuple(sorted(wanted)),
        importing=None
        if "from" not in entry
        else Importing(entry["from"], tuple(entry.get("taken_from", ()))),
    )


def cases() -> list[Case]:
    """Read all case files: each maps names to cases."""
    return [
        Case(f"{path.stem}/{name}", written["rule"], written)
        for path in sorted(CASES.glob("*.yaml"))
        if path.name != "base.yaml"
        for name, written in yaml.safe_load(path.read_text(encoding="utf-8")).items()
    ]


def change_line(change: Change) -> str:
    """Write a change as cases expect it."""
    names = ", ".join(change.changed) if change.before is not None and change.after is not None else ""
    notes: list[str] = [change.reason.value]
    if change.previous_address is not None:
        notes.append(f"was {change.previous_address}")
    if change.importing is not None:
        notes.append(f"from {change.importing.id}")
        if change.id is not None:
            notes.append("keeps its id")
        if change.importing.missing:
            notes.append("lacks " + ", ".join(change.importing.missing))
    if change.action is Action.UPDATE and not change.calls_service:
        notes.append("no call")
    if change.gate is not None:
        verb = "after" if change.gate.state is GateState.OPEN else "waits for"
        notes.append(f"{verb} {change.gate.kind} on {change.gate.on}: {change.gate.state}")
    if change.losses:
        verb = "loses " if change.gives_away else "lost "
        notes.append(verb + ", ".join(loss.code for loss in change.losses))
    if change.acknowledged_by is not None:
        notes.append(f"acknowledged by {change.acknowledged_by}")
    subject = f"{change.address}: {names}" if names else str(change.address)
    return f"{change.action} {subject} ({'; '.join(notes)})"


def drift_line(drift: Drift) -> str:
    """Write drift as cases expect it."""
    notes = [f"missing {part}" for part in drift.missing]
    if drift.losses:
        notes.append("lost " + ", ".join(loss.code for loss in drift.losses))
    if drift.fingerprint:
        notes.append("taken")
    if drift.left:
        notes.append("left")
    what = "gone" if drift.after is None else ", ".join(drift.changed) or "parts"
    return f"{drift.address}: {what}" + (f" ({'; '.join(notes)})" if notes else "")


def outcome(plan: Plan) -> dict[str, str]:
    """Write what a plan says, section by section, a line each; sections that say nothing are left out."""
    sections = {
        "changes": [change_line(change) for change in plan.effective],
        "refusals": [
            refusal.code if refusal.address is None else f"{refusal.code} {refusal.address}"
            for refusal in plan.refusals
        ],
        "drift": [drift_line(drift) for drift in plan.drift],
        "diagnostics": [
            problem.code if problem.address is None else f"{problem.code} {problem.address}"
            for problem in plan.diagnostics
        ],
    }
    return {name: "".join(f"{line}\n" for line in lines) for name, lines in sections.items() if lines}


def order_lines(plan: Plan) -> str:
    """Write the order of steps, a line for each pair."""
    return "".join(
        f"{edge.first.address} {edge.first.half} < {edge.then.address} {edge.then.half} ({edge.why})\n"
        for edge in plan.edges
    )


def unchecked_lines(plan: Plan) -> str:
    """Write what wasn't compared, a line for each resource."""
    return "".join(f"{entry.address}: {', '.join(entry.attributes)}\n" for entry in plan.unchecked)


def summary_line(plan: Plan) -> str:
    """Write how many changes of each sort there are; sorts of which there are none are left out."""
    counts = {name: getattr(plan.summary, name) for name in plan.summary.__slots__}
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def remedies(plan: Plan) -> dict[str, str]:
    """Give the remedies of refusals by `code address`."""
    return {f"{refusal.code} {refusal.address}": refusal.remedy for refusal in plan.refusals}
