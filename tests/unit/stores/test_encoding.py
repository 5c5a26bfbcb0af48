"""The state as JSON: everything comes back, and nothing else gets in."""

import copy
import json
from datetime import UTC, datetime, timedelta, timezone

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as some

from chanplan.model.addresses import KIND_NAMES, NAME_PATTERN, Address
from chanplan.model.encoding import decode_run, encode_moment, encode_run
from chanplan.model.errors import StateUnreadable
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.narrowing import from_text, to_text
from chanplan.model.problems import Source
from chanplan.model.rates import rate
from chanplan.model.records import DnsRecord, Outcome, Purpose, RecordType, RecordVerdict
from chanplan.model.resources import Desired, Origin, ResourceState
from chanplan.model.scopes import Scope
from chanplan.model.snapshots import Acknowledgement, Approval, Intent, IntentKind, Observation, Run, Snapshot
from chanplan.model.state_document import (
    FORMAT_VERSION,
    WholeState,
    decode_snapshot,
    encode_snapshot,
    encode_whole,
    read_state,
    read_whole,
)
from chanplan.model.state_schema import state_schema
from chanplan.model.tier_evidence import Evidence, Why, Window
from chanplan.model.tier_moves import TenantSwitch, TierMove
from tests.conformance.store_samples import (
    ACKNOWLEDGEMENT,
    OBSERVATION,
    RECEIPTS,
    RECEIPTS_STATE,
    SETUP,
    SETUP_STATE,
    approval,
    intent,
)

# -- every value that a state can hold --

texts = some.text(some.characters(), max_size=8)  # with control characters and unpaired surrogates
values = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
objects = some.dictionaries(texts, values, max_size=2)
counts = some.integers(0, 2**40)
zones = some.sampled_from([UTC, timezone(timedelta(hours=-9, minutes=-30)), timezone(timedelta(hours=14))])
moments = some.builds(
    lambda seconds, zone: (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=seconds)).astimezone(
        zone
    ),
    some.integers(0, 10**17),
    zones,
)
addresses = some.builds(Address, some.sampled_from(KIND_NAMES), some.from_regex(NAME_PATTERN, fullmatch=True))


def maybe(strategy):
    """Or None."""
    return some.none() | strategy


def several(strategy):
    """Up to two."""
    return some.lists(strategy, max_size=2).map(tuple)


scopes = some.builds(Scope, texts, maybe(texts), maybe(texts), some.sampled_from(["default", "eu"]))
resources = some.builds(
    ResourceState,
    addresses,
    texts,
    scopes,
    objects,
    objects,
    objects,
    several(addresses),
    some.booleans(),
    some.sampled_from(Origin),
    maybe(moments),
    maybe(moments),
)
sources = some.builds(Source, texts, counts, counts)
desired = some.builds(Desired, addresses, objects, scopes, several(addresses), maybe(sources), objects)
days = some.dates()
rates = some.builds(rate, counts, counts)
windows = some.builds(Window, days, days, counts, counts, rates, rates)
evidences = some.builds(
    Evidence, texts, maybe(texts), some.dictionaries(some.sampled_from(["suspend", "promote"]), windows)
)
moves = some.builds(
    TierMove, texts, texts, some.builds(Why, texts, texts), evidences, moments, texts, maybe(moments)
)
switches = some.builds(TenantSwitch, some.booleans(), texts, texts, moments, maybe(moments))
intents = some.builds(
    Intent,
    texts,
    some.sampled_from(IntentKind),
    addresses,
    texts,
    moments,
    texts,
    maybe(desired),
    maybe(resources),
    several(texts),
    objects,
    maybe(texts),
    tier_move=maybe(moves),
    switch=maybe(switches),
)
gates = some.builds(
    Gate,
    some.sampled_from(GateKind),
    addresses,
    some.sampled_from(GateState),
    maybe(moments),
    maybe(moments),
    texts,
    several(texts),
)
records = some.builds(DnsRecord, some.sampled_from(Purpose), some.sampled_from(RecordType), texts, texts)
verdicts = some.builds(
    RecordVerdict,
    records,
    some.sampled_from(Outcome),
    texts,
    several(texts),
    several(texts),
    maybe(moments),
)
observations = some.builds(
    Observation, addresses, moments, objects, several(verdicts), maybe(moments), maybe(gates)
)
approvals = some.builds(
    lambda digest, some_texts, moment: Approval(
        digest, frozenset(some_texts), frozenset(some_texts[:1]), moment
    ),
    texts,
    several(texts),
    moments,
)
acknowledgements = some.builds(Acknowledgement, addresses, texts, texts, moments)
runs = some.builds(
    Run, texts, texts, texts, moments, maybe(moments), maybe(texts), maybe(texts), counts, counts, counts
)
snapshots = some.builds(
    Snapshot,
    maybe(texts),
    maybe(texts),
    counts,
    several(resources).map(lambda several: {each.address: each for each in several}),
    several(intents),
    several(observations).map(lambda several: {each.address: each for each in several}),
    several(approvals),
    several(acknowledgements),
    counts,
)

FILLED = Snapshot(
    workspace="acme",
    lineage="4c0a",
    serial=7,
    resources={SETUP: SETUP_STATE, RECEIPTS: RECEIPTS_STATE},
    intents=(intent(facts={"arn": "a"}),),
    observations={RECEIPTS: OBSERVATION},
    approvals=(approval("sha256:plan", "sha256:one", "sha256:two"),),
    acknowledgements=(ACKNOWLEDGEMENT,),
    sequence=9,
)


CARRIED = {"attributes", "facts", "context", "windows"}
"""Objects whose keys the state doesn't know."""


def places(document, path=()):
    """Every place in a document, as the keys that lead there."""
    inner = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in inner:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def read_or_refuse(document):
    """The state, or the error that says why it is none."""
    try:
        return decode_snapshot(document)
    except StateUnreadable as error:
        return error


class TestRoundTrip:
    @given(snapshots, some.lists(runs))
    def test_every_state_comes_back_with_its_history(self, snapshot, history):
        """What `state pull` writes, `state push` reads."""
        whole = WholeState(snapshot, tuple(history))

        assert read_whole(to_text(encode_whole(whole))) == whole

    @given(snapshots)
    def test_every_state_comes_back(self, snapshot):
        """What is written as text is read as the same state."""
        assert read_state(to_text(encode_snapshot(snapshot))) == snapshot

    @given(runs)
    def test_every_run_comes_back(self, run):
        """Runs are kept beside the snapshot."""
        assert decode_run(from_text(to_text(encode_run(run)), "run")) == run

    def test_equal_states_give_equal_text(self):
        """The order in which resources came doesn't show."""
        turned = Snapshot(resources={RECEIPTS: RECEIPTS_STATE, SETUP: SETUP_STATE})
        straight = Snapshot(resources={SETUP: SETUP_STATE, RECEIPTS: RECEIPTS_STATE})

        assert to_text(encode_snapshot(turned)) == to_text(encode_snapshot(straight))

    def test_times_are_written_in_utc(self):
        """Whatever zone they were given in."""
        there = timezone(timedelta(hours=2))

        assert encode_moment(datetime(2026, 5, 1, 14, 30, tzinfo=there)) == "2026-05-01T12:30:00Z"


class TestTolerance:
    def test_a_newer_minor_version_may_say_more(self):
        """Unknown keys are left aside wherever they stand."""
        document = json.loads(to_text(encode_snapshot(FILLED)))
        document["format_version"] = "1.99"
        for path in list(places(document)):
            inner = _at(document, path)
            if isinstance(inner, dict) and not CARRIED & set(path):
                inner["not_known_yet"] = [1, {"a": None}]

        assert decode_snapshot(document) == FILLED

    def test_what_has_a_default_may_be_absent(self):
        """The shortest state is a version and a serial."""
        assert decode_snapshot({"format_version": "1.0", "serial": 3}) == Snapshot(serial=3)

    @pytest.mark.parametrize("version", ["2.0", "0.9", "10.0"])
    def test_another_major_version_is_refused(self, version):
        """It says which one is read here, and what to do."""
        with pytest.raises(StateUnreadable) as caught:
            decode_snapshot({"format_version": version, "serial": 0})

        assert caught.value.message == f"state has format version {version}; this chanplan reads 1.x."
        assert (caught.value.code, caught.value.remedy) == (
            "state_version",
            "Use the version of chanplan that wrote it, or a newer one.",
        )


class TestRefusal:
    @given(values)
    def test_any_other_json_is_refused_with_a_sentence(self, document):
        """Never a crash."""
        with pytest.raises(StateUnreadable):
            decode_snapshot(document)

    @given(some.data())
    def test_any_spoilt_place_is_refused_or_harmless(self, data):
        """Whatever stands anywhere in a state: it is read or refused, never anything else."""
        document = json.loads(to_text(encode_snapshot(FILLED)))
        path = data.draw(some.sampled_from(list(places(document))))
        parent = _at(document, path[:-1])
        if data.draw(some.booleans()):
            parent[path[-1]] = data.draw(values)
        else:
            del parent[path[-1]]

        spoilt = read_or_refuse(document)

        if isinstance(spoilt, StateUnreadable):
            assert spoilt.message.startswith("state")
        else:
            assert read_state(to_text(encode_snapshot(spoilt))) == spoilt

    @given(
        some.text()
        | some.sampled_from(["", "NaN", "[Infinity]", "1e999", "[" * 200_000, "9" * 5000, "{", "\ud800"])
    )
    def test_any_text_is_read_or_refused(self, text):
        """What isn't JSON is no state; numbers that JSON doesn't know are none here."""
        with pytest.raises(StateUnreadable):
            read_state(text)

    @pytest.mark.parametrize(
        "path, value, message",
        [
            (
                ("serial",),
                -1,
                "state: `serial` holds a number where a whole number from 0 to 2^63 - 1 is expected.",
            ),
            (
                ("serial",),
                True,
                "state: `serial` holds true or false where a whole number from 0 to 2^63 - 1 is expected.",
            ),
            (
                ("resources", 1, "address"),
                "use_case",
                "state.resources[1]: `address` holds the text 'use_case' where an address (KIND.NAME) is expected.",
            ),
            (
                ("resources", 0, "scope"),
                None,
                "state.resources[0]: `scope` holds null where an object is expected.",
            ),
            (
                ("intents", 0, "started_at"),
                "2026-05-01T12:00:00",
                "state.intents[0]: `started_at` holds the text '2026-05-01T12:00:00' where a time with its offset"
                " from UTC (ISO 8601) is expected.",
            ),
            (
                ("intents", 0, "kind"),
                "replace",
                "state.intents[0]: `kind` holds the text 'replace' where one of create, update, delete, import, handover is expected.",
            ),
            (
                ("observations", 0, "verdicts", 0, "found"),
                ["a", 1],
                "state.observations[0].verdicts[0]: `found` holds a list where a list of texts is expected.",
            ),
        ],
    )
    def test_the_message_names_the_place(self, path, value, message):
        """With what stands there and what should."""
        document = json.loads(to_text(encode_snapshot(FILLED)))
        _at(document, path[:-1])[path[-1]] = value

        with pytest.raises(StateUnreadable) as caught:
            decode_snapshot(document)

        assert caught.value.message == message

    @pytest.mark.parametrize("name", ["resources", "observations"])
    def test_an_address_stands_once(self, name):
        """Two resources of one address can't both be meant."""
        document = json.loads(to_text(encode_snapshot(FILLED)))
        document[name].append(copy.deepcopy(document[name][0]))

        with pytest.raises(StateUnreadable):
            decode_snapshot(document)


class TestSchema:
    @given(snapshots)
    def test_every_state_fits_the_schema(self, snapshot):
        """What is written is what is promised."""
        document = json.loads(to_text(encode_snapshot(snapshot)))

        assert list(VALIDATOR.iter_errors(document)) == []

    def test_the_schema_names_every_key(self):
        """A key that is written and not described would be found here."""
        run = Run("run-1", "apply", "ci", FILLED.approvals[0].approved_at)
        written = _keys(encode_whole(WholeState(FILLED, (run,))))

        assert written == _described(state_schema())

    def test_the_schema_is_a_schema_of_this_version(self):
        """It accepts the version that is written and refuses the next major one."""
        jsonschema.Draft202012Validator.check_schema(state_schema())

        assert VALIDATOR.is_valid({"format_version": FORMAT_VERSION, "serial": 0})
        assert not VALIDATOR.is_valid({"format_version": "2.0", "serial": 0})


VALIDATOR = jsonschema.Draft202012Validator(state_schema())


def _at(document, path):
    for key in path:
        document = document[key]
    return document


def _keys(document):
    """All keys of a document but those inside of what the state only carries."""
    if isinstance(document, list):
        return set().union(*map(_keys, document))
    if not isinstance(document, dict):
        return set()
    inner = [_keys(value) for key, value in document.items() if key not in CARRIED]
    return set(document).union(*inner)


def _described(schema):
    described = set(schema["properties"])
    for definition in schema["$defs"].values():
        described |= set(definition.get("properties", ()))
    return described
