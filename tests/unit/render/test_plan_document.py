"""Plans as documents: written by the schema, read back whole, believed only when nothing was edited."""

import copy
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chanplan.model.errors import ChanplanError, Invalid, Misused, Refused
from chanplan.render.plan_document import plan_document
from chanplan.render.plan_reading import plan_from_bytes, plan_from_document
from chanplan.render.plan_schema import plan_schema
from tests.unit.render import plans, tier_plans
from tests.unit.render.plans import SEAL

ALL = [
    plans.first_plan(),
    plans.unchanged_plan(),
    plans.full_plan(),
    plans.destroy_plan(),
    plans.hostile_plan(),
    plans.plan_of([]),
    plans.large_plan(100),
    tier_plans.moving_plan(),
    tier_plans.wished_plan(),
    tier_plans.hostile_moves(),
]
SCHEMA = Path(__file__).parents[3] / "schemas" / "plan.schema.json"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def written(plan):
    """The document of a plan after a trip through a file."""
    return json.loads(json.dumps(plan_document(plan, "0.1.0")))


def paths(value, prefix=()):
    """Every place in a document."""
    yield prefix
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*prefix, key))


def outcome_of_reading(document):
    """Read a document: `told` when an error of ours says what to do, `read` when what was read is whole."""
    try:
        plan = plan_from_document(document, "plan.json", SEAL)
    except ChanplanError as error:
        return "told" if error.remedy else "left alone"
    return "read" if plan_from_document(written(plan), "plan.json", SEAL) == plan else "changed"


def put(document, path, value):
    """A copy of a document with another value at a place."""
    if not path:
        return value
    document = copy.deepcopy(document)
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return document


@pytest.mark.parametrize("plan", ALL)
def test_documents_follow_the_schema(plan):
    """Every document is valid by the committed schema."""
    jsonschema.Draft202012Validator.check_schema(plan_schema())

    jsonschema.Draft202012Validator(plan_schema()).validate(written(plan))


def test_the_committed_schema_is_current():
    """`schemas/plan.schema.json` is what `chanplan schema plan` prints; `script/generated --write` renews it."""
    assert json.dumps(plan_schema(), indent=2, ensure_ascii=False) + "\n" == SCHEMA.read_text("utf-8")


@pytest.mark.parametrize("plan", ALL)
def test_a_plan_comes_back_whole(plan):
    """Reading a document gives the plan that was written, but for desired and prior."""
    bare = replace(plan, changes=tuple(replace(change, desired=None, prior=None) for change in plan.changes))

    assert plan_from_document(written(plan), "plan.json", SEAL) == bare


def test_a_plan_of_version_1_0_is_read():
    """It knew no imports, so it says nothing of them."""
    document = written(plans.first_plan()) | {"format_version": "1.0"}
    del document["summary"]["import"]
    for change in document["resource_changes"]:
        del change["change"]["importing"]

    assert plan_from_document(document, "plan.json", SEAL) == plans.first_plan()


def test_keys_of_a_newer_minor_version_are_left_aside():
    """A newer minor version with more keys, anywhere, is read."""
    document = written(plans.first_plan()) | {"format_version": "1.7", "novelty": [1]}
    document["resource_changes"][0]["novelty"] = {"a": 1}
    document["resource_changes"][0]["change"]["novelty"] = None

    assert plan_from_document(document, "plan.json", SEAL) == plans.first_plan()


def test_another_major_version_is_refused():
    """An unknown major version isn't guessed at."""
    document = written(plans.first_plan()) | {"format_version": "2.0"}

    with pytest.raises(Misused) as caught:
        plan_from_document(document, "plan.json", SEAL)
    assert (caught.value.code, caught.value.message) == (
        "plan_format",
        "plan.json has format version 2.0, and this chanplan reads version 1.x only.",
    )


@pytest.mark.parametrize(
    "path, value",
    [
        (("digest",), "sha256:" + "0" * 64),
        (("resource_changes", 0, "change", "after", "pool_name"), "another"),
        (("resource_changes", 1, "scope", "account"), "999999999999"),
        (("resource_changes", 1, "change", "actions"), ["delete"]),
        (("resource_changes", 1, "fingerprints"), []),
        (("resource_changes", 2, "gate"), None),
        (("summary", "create"), 0),
        (("complete",), True),
        (("applyable",), False),
    ],
)
def test_an_edited_plan_is_refused(path, value):
    """A change, a flag or a count that doesn't belong to the digest is found."""
    with pytest.raises(Refused) as caught:
        plan_from_document(put(written(plans.first_plan()), path, value), "plan.json", SEAL)

    assert caught.value.code == "plan_edited"
    assert (
        caught.value.remedy
        == "Change the configuration instead, and make the plan again: chanplan plan --out FILE"
    )


def test_a_change_that_was_taken_out_is_missed():
    """Leaving a change out, with its count corrected, doesn't fit the digest."""
    document = written(plans.first_plan())
    del document["resource_changes"][0]
    document["summary"]["create"] -= 1

    with pytest.raises(Refused) as caught:
        plan_from_document(document, "plan.json", SEAL)
    assert caught.value.code == "plan_edited"


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "plan.json is empty, so it isn't a saved plan."),
        (b"version: 1\n", "plan.json isn't JSON (line 1, column 1), so it isn't a saved plan."),
        (b"\xff\xfe\x00", "plan.json isn't JSON, so it isn't a saved plan."),
        (b"[" * 100_000, "plan.json isn't JSON, so it isn't a saved plan."),
        (b"[]", "plan.json isn't a saved plan: it has no format_version."),
        (b'{"format_version": 1}', "plan.json isn't a saved plan: its format_version isn't MAJOR.MINOR."),
        (
            b'{"format_version": "1.0", "x": 1e999}',
            "plan.json isn't a saved plan: it holds a number out of range.",
        ),
        (
            b'{"format_version": "1.0", "x": ' + b"[" * 200 + b"]" * 200 + b"}",
            "plan.json isn't a saved plan: it is nested too deep.",
        ),
    ],
)
def test_what_is_no_plan_is_said_to_be_none(content, message):
    """Files that aren't plans get a message and a remedy."""
    with pytest.raises(Invalid) as caught:
        plan_from_bytes(content, "plan.json", SEAL)

    assert (caught.value.message, caught.value.remedy) == (
        message,
        "Make the plan again: chanplan plan --out FILE",
    )


def test_all_breaches_of_the_schema_are_listed():
    """Several problems are told at once, each with its place."""
    document = written(plans.first_plan()) | {"complete": "no", "summary": {}}

    with pytest.raises(Invalid) as caught:
        plan_from_document(document, "plan.json", SEAL)
    assert len(caught.value.problems) == 8
    assert caught.value.message == (
        'plan.json isn\'t a saved plan: $.complete breaks the rule type "boolean". (and 7 more)'
    )


@given(JSON)
def test_no_json_crashes_the_reader(document):
    """Whatever JSON a file holds, the answer is a plan or an error of ours."""
    with pytest.raises(ChanplanError):
        plan_from_document(document, "plan.json", SEAL)


@given(st.data())
def test_no_edit_crashes_the_reader(data):
    """Whatever stands at any place of a real document, the answer is a plan or an error of ours."""
    document = written(data.draw(st.sampled_from([plans.first_plan(), plans.full_plan()])))
    path = data.draw(st.sampled_from(list(paths(document))))
    edited = put(document, path, data.draw(JSON))

    assert outcome_of_reading(edited) in ("read", "told")
