"""Single changes: what each looks at, and the statements that it adds to a transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import LiteralString, TypeAlias, assert_never

from psycopg.rows import TupleRow

from chanplan.model.addresses import Address
from chanplan.model.conflicts import intent_closed, intent_open, other_workspace
from chanplan.model.edits import address_taken
from chanplan.model.encoding import (
    decode_intent,
    decode_observation,
    decode_resource,
    encode_acknowledgement,
    encode_intent,
    encode_moment,
    encode_observation,
    encode_resource,
    encode_run,
)
from chanplan.model.narrowing import from_text, to_text
from chanplan.model.renames import Renames, mentioned
from chanplan.model.resources import ResourceState
from chanplan.model.snapshots import (
    RUNS_KEPT,
    Acknowledgement,
    Approval,
    DropResource,
    Edit,
    Intent,
    MoveResource,
    Observation,
    PutResource,
    Run,
)
from chanplan.model.values import Facts, hashed
from chanplan.stores.postgres.texts import plain

Values: TypeAlias = Mapping[str, object]
Statement: TypeAlias = tuple[LiteralString, Values]


@dataclass
class Draft:
    """A transaction while it is put together: what the state's row will say, and the statements beside it."""

    name: str
    """The workspace, under which all rows stand."""
    owner: str | None
    lineage: str | None
    serial: int
    sequence: int
    intents: dict[str, Facts]
    """Facts of the open ones among those that changes name."""
    run: Callable[[Sequence[Statement]], list[TupleRow]]
    """Runs statements, and gives the rows of the last."""
    statements: list[Statement] = field(default_factory=list)

    def add(self, statement: LiteralString, **values: object) -> None:
        """Add a statement; its parameter `state` is the workspace."""
        self.statements.append((statement, {"state": self.name, **values}))

    def ask(self, query: LiteralString, **values: object) -> list[TupleRow]:
        """Run what was added so far, and then a query. Only for changes that stand alone."""
        self.add(query, **values)
        asked, self.statements = self.statements, []
        return self.run(asked)


@dataclass(frozen=True, slots=True)
class Change:
    """A change: what it does to a draft, and how."""

    make: Callable[[Draft], None]
    serial: int = 0
    """What it moves the serial by."""
    intents: tuple[str, ...] = ()
    """Those that it must know of."""
    alone: bool = False
    """Whether it has a transaction to itself, since it reads what it writes."""


def begin(intent: Intent) -> Change:
    """Write an intent down. Raises `StateUnwritable` when one of its id is open."""

    def make(draft: Draft) -> None:
        if intent.id in draft.intents:
            raise intent_open(intent.id)
        put_intent(draft, intent)
        draft.intents[intent.id] = intent.facts

    return Change(make, serial=1, intents=(intent.id,))


def checkpoint(intent_id: str, facts: Facts) -> Change:
    """Merge facts into an open intent, later over earlier. Raises `StateUnwritable` when it isn't open."""

    def make(draft: Draft) -> None:
        if intent_id not in draft.intents:
            raise intent_closed(intent_id)
        merged = {**draft.intents[intent_id], **facts}
        draft.add(
            "UPDATE chanplan_intent SET facts = %(facts)s WHERE state = %(state)s AND id = %(id)s",
            id=plain(intent_id),
            facts=to_text(merged),
        )
        draft.intents[intent_id] = merged

    return Change(make, intents=(intent_id,))


def settle(intent_id: str, edits: Sequence[Edit], spent: Sequence[str]) -> Change:
    """Close an intent, change what is remembered and use fingerprints up. Raises `StateUnwritable`."""

    def make(draft: Draft) -> None:
        if intent_id not in draft.intents:
            raise intent_closed(intent_id)
        draft.add("DELETE FROM chanplan_intent WHERE state = %(state)s AND id = %(id)s", id=plain(intent_id))
        _edit(draft, edits)
        _spend(draft, spent)
        del draft.intents[intent_id]

    return Change(make, serial=1, intents=(intent_id,), alone=_has_move(edits))


def edit(edits: Sequence[Edit], spent: Sequence[str]) -> Change:
    """Change what is remembered and use fingerprints up. Raises `StateUnwritable`."""

    def make(draft: Draft) -> None:
        _edit(draft, edits)
        _spend(draft, spent)

    return Change(make, serial=1, alone=_has_move(edits))


def observe(observations: Sequence[Observation]) -> Change:
    """Store what was seen."""

    def make(draft: Draft) -> None:
        for observation in observations:
            put_observation(draft, observation)

    return Change(make)


def approve(approval: Approval) -> Change:
    """Store an approval, unless there is one of the same digest; drop others under which nothing remains."""

    def make(draft: Draft) -> None:
        draft.add(
            "DELETE FROM chanplan_approval AS old WHERE state = %(state)s AND NOT EXISTS"
            " (SELECT FROM chanplan_approval WHERE state = %(state)s AND digest = %(digest)s) AND NOT EXISTS"
            " (SELECT FROM chanplan_fingerprint WHERE state = %(state)s AND digest = old.digest AND NOT spent)",
            digest=plain(approval.digest),
        )
        put_approval(draft, approval)

    return Change(make)


def acknowledge(spent: Acknowledgement) -> Change:
    """Record a spent acknowledgement, unless it is recorded."""
    return Change(lambda draft: put_acknowledgement(draft, spent), serial=1)


def start_run(workspace: str, run: Run) -> Change:
    """Note a run, and give the state to its workspace. Raises `StateUnreadable` when it is another's."""

    def make(draft: Draft) -> None:
        if draft.owner is not None and draft.owner != workspace:
            raise other_workspace(
                draft.owner,
                workspace,
                "Find out who pushed it there (`chanplan history`), or correct `workspace:`.",
            )
        draft.owner = workspace
        _put_run(draft, run)
        draft.add(
            "DELETE FROM chanplan_run WHERE state = %(state)s AND position <= (SELECT position FROM chanplan_run"
            " WHERE state = %(state)s ORDER BY position DESC LIMIT 1 OFFSET %(kept)s)",
            kept=RUNS_KEPT,
        )

    return Change(make)


def finish_run(run: Run) -> Change:
    """Store a run in place of what was known of it."""
    return Change(lambda draft: _put_run(draft, run))


def put_intent(draft: Draft, intent: Intent) -> None:
    """Add an intent that isn't there."""
    draft.add(
        "INSERT INTO chanplan_intent (state, id, document, facts)"
        " VALUES (%(state)s, %(id)s, %(document)s, %(facts)s)",
        id=plain(intent.id),
        document=to_text(encode_intent(intent)),
        facts=to_text(intent.facts),
    )


def put_resource(draft: Draft, resource: ResourceState) -> None:
    """Store a resource in place of the earlier one of its address, and which addresses it mentions."""
    draft.add(
        "INSERT INTO chanplan_resource (state, address, document, mentions)"
        " VALUES (%(state)s, %(address)s, %(document)s, %(mentions)s)"
        " ON CONFLICT (state, address) DO UPDATE SET document = excluded.document, mentions = excluded.mentions",
        address=str(resource.address),
        document=to_text(encode_resource(resource)),
        mentions=sorted(mentioned(resource)),
    )


def put_observation(draft: Draft, observation: Observation) -> None:
    """Store an observation in place of the earlier one of its address."""
    gate = observation.gate
    draft.add(
        "INSERT INTO chanplan_observation (state, address, gate_on, document)"
        " VALUES (%(state)s, %(address)s, %(gate_on)s, %(document)s)"
        " ON CONFLICT (state, address) DO UPDATE SET gate_on = excluded.gate_on, document = excluded.document",
        address=str(observation.address),
        gate_on=None if gate is None else str(gate.on),
        document=to_text(encode_observation(observation)),
    )


def put_approval(draft: Draft, approval: Approval) -> None:
    """Store an approval with what it covers, unless there is one of the same digest."""
    covered = sorted(approval.fingerprints)
    draft.add(
        "WITH added AS (INSERT INTO chanplan_approval (state, digest, approved_at)"
        " VALUES (%(state)s, %(digest)s, %(approved_at)s)"
        " ON CONFLICT (state, digest) DO NOTHING RETURNING state, digest)"
        " INSERT INTO chanplan_fingerprint (state, digest, fingerprint, spent)"
        " SELECT added.state, added.digest, covered.fingerprint, covered.spent"
        " FROM added, unnest(%(covered)s::text[], %(spent)s::boolean[]) AS covered (fingerprint, spent)",
        digest=plain(approval.digest),
        approved_at=encode_moment(approval.approved_at),
        covered=[plain(each) for each in covered],
        spent=[each in approval.spent for each in covered],
    )


def put_acknowledgement(draft: Draft, spent: Acknowledgement) -> None:
    """Record a spent acknowledgement, unless it is recorded."""
    draft.add(
        "INSERT INTO chanplan_acknowledgement (state, key, document) VALUES (%(state)s, %(key)s, %(document)s)"
        " ON CONFLICT (state, key) DO NOTHING",
        key=hashed([str(spent.address), spent.action, spent.reason]),
        document=to_text(encode_acknowledgement(spent)),
    )


def _put_run(draft: Draft, run: Run) -> None:
    draft.add(
        "INSERT INTO chanplan_run (state, id, document) VALUES (%(state)s, %(id)s, %(document)s)"
        " ON CONFLICT (state, id) DO UPDATE SET document = excluded.document",
        id=plain(run.id),
        document=to_text(encode_run(run)),
    )


def _has_move(edits: Sequence[Edit]) -> bool:
    return any(isinstance(each, MoveResource) for each in edits)


def _edit(draft: Draft, edits: Sequence[Edit]) -> None:
    for each in edits:
        match each:
            case PutResource(resource):
                put_resource(draft, resource)
            case DropResource(address):
                draft.add(
                    "DELETE FROM chanplan_resource WHERE state = %(state)s AND address = %(address)s",
                    address=str(address),
                )
                _forget_seen(draft, address)
            case MoveResource(origin, target):
                if origin != target:
                    _move(draft, origin, target)
            case _:
                assert_never(each)


def _spend(draft: Draft, fingerprints: Iterable[str]) -> None:
    used = [plain(each) for each in fingerprints]
    if used:
        draft.add(
            "UPDATE chanplan_fingerprint SET spent = true"
            " WHERE state = %(state)s AND fingerprint = ANY(%(used)s) AND NOT spent",
            used=used,
        )


def _forget_seen(draft: Draft, address: Address) -> None:
    draft.add(
        "DELETE FROM chanplan_observation WHERE state = %(state)s AND address = %(address)s",
        address=str(address),
    )


def _move(draft: Draft, origin: Address, target: Address) -> None:
    if draft.ask(
        "SELECT FROM chanplan_resource WHERE state = %(state)s AND address = %(address)s", address=str(target)
    ):
        raise address_taken(origin, target)
    renames = Renames({origin: target})
    for (document,) in draft.ask(
        "DELETE FROM chanplan_resource WHERE state = %(state)s"
        " AND (address = %(old)s OR %(old)s = ANY(mentions)) RETURNING document",
        old=str(origin),
    ):
        put_resource(draft, renames.resource(decode_resource(from_text(document, "resource"))))

    _forget_seen(draft, target)
    for (document,) in draft.ask(
        "DELETE FROM chanplan_observation WHERE state = %(state)s"
        " AND (address = %(old)s OR gate_on = %(old)s) RETURNING document",
        old=str(origin),
    ):
        put_observation(draft, renames.observation(decode_observation(from_text(document, "observation"))))

    # Open intents are as many as run at once: few.
    for key, document in draft.ask("SELECT id, document FROM chanplan_intent WHERE state = %(state)s"):
        intent = decode_intent(from_text(document, "intent"))
        renamed = renames.intent(intent)
        if renamed != intent:
            draft.add(
                "UPDATE chanplan_intent SET document = %(document)s WHERE state = %(state)s AND id = %(id)s",
                id=key,
                document=to_text(encode_intent(renamed)),
            )
