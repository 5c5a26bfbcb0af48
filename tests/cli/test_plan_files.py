"""Saved plans: what was reviewed is what runs, or nothing does."""

import json

import pytest

from tests.cli.desk import EMAIL, SETUP, SandboxedDesk


@pytest.fixture
def saved(begun: SandboxedDesk):
    """A plan of two creates behind a gate, saved before the records were published."""
    assert begun.run("plan", "--out", "reviewed.json").code == 0
    begun.publish()
    return begun


def edit(desk, change):
    """Edits the saved plan's document."""
    path = desk.folder / "reviewed.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def put(key, value):
    """An edit of one key."""
    return lambda document: document.update({key: value})


def other_name(document):
    """An edit of what would be made."""
    document["resource_changes"][-1]["change"]["after"]["description"] = "Something else"


def fewer(document):
    """An edit that takes a change out."""
    document["resource_changes"].pop()


def test_it_is_carried_out(saved: SandboxedDesk):
    """No question is asked: saving and giving it is the approval."""
    assert saved.run("apply", "reviewed.json").code == 0
    assert saved.run("plan", "--detailed-exitcode").code == 0


def test_it_is_shown(saved: SandboxedDesk):
    """As text as it was printed, and as the same document."""
    path = saved.folder / "reviewed.json"

    assert saved.run("show", "reviewed.json").out.startswith("Workspace quickstart\n")
    assert saved.run("show", "reviewed.json", "--format", "json").document == json.loads(path.read_text())


@pytest.mark.parametrize(
    "change, code, message",
    [
        (other_name, 4, "reviewed.json was edited after the plan was made"),
        (fewer, 4, "reviewed.json was edited after the plan was made"),
        (put("digest", f"sha256:{'0' * 64}"), 4, "reviewed.json was edited after the plan was made"),
        (put("workspace", "other"), 4, "The plan is for workspace other, and this is quickstart."),
        (
            put("state", {"lineage": "8c1f0e0a-0000-4000-8000-000000000000", "serial": 3}),
            4,
            "The plan was made on another state than the one at ",
        ),
        (put("format_version", "2.0"), 1, "reviewed.json has format version 2.0, and this chanplan reads"),
        (
            put("format_version", 1),
            1,
            "reviewed.json isn't a saved plan: its format_version isn't MAJOR.MINOR.",
        ),
        (put("resource_changes", "many"), 1, "reviewed.json isn't a saved plan: $.resource_changes breaks"),
    ],
)
def test_an_edited_one_is_refused(saved: SandboxedDesk, change, code, message):
    """Nothing is done, whatever was changed by hand; the message says how to get what was wanted."""
    edit(saved, change)
    before = saved.controls.status().holdings

    ended = saved.run("apply", "reviewed.json")

    assert (ended.code, ended.out, saved.controls.status().holdings) == (code, "", before)
    assert message in ended.said
    assert "chanplan plan --out FILE" in ended.said


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "reviewed.json is empty, so it isn't a saved plan."),
        (
            b'{"format_version": "1.0", ',
            "reviewed.json isn't JSON (line 1, column 27), so it isn't a saved plan.",
        ),
        (b"\x00\xff\xfe", "reviewed.json isn't JSON, so it isn't a saved plan."),
        (b"[1, 2]", "reviewed.json isn't a saved plan: it has no format_version."),
        (b"[" * 100_000, "reviewed.json isn't JSON"),
        (EMAIL.encode(), "reviewed.json isn't JSON (line 1, column 1), so it isn't a saved plan."),
    ],
    ids=["empty", "truncated", "binary", "another document", "an abyss", "a configuration"],
)
def test_what_isnt_a_plan_is_told(saved: SandboxedDesk, content, message):
    """With what it is instead."""
    saved.write(content, "reviewed.json")

    ended = saved.run("apply", "reviewed.json")

    assert (ended.code, ended.out) == (1, "")
    assert message in ended.err


def test_a_missing_one(saved: SandboxedDesk):
    """It says how to make one."""
    ended = saved.run("apply", "other.json")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        "Error: other.json can't be read: No such file or directory.\n"
        "  Make one with `chanplan plan --out FILE`.\n"
    )


def test_one_that_the_world_overtook_is_refused(saved: SandboxedDesk):
    """The configuration changed after the review: what is planned now isn't what was approved."""
    saved.write(EMAIL.replace("Order receipts and invoices", "Receipts alone"))
    before = saved.controls.status().holdings

    ended = saved.run("apply", "reviewed.json")

    assert (ended.code, ended.out, saved.controls.status().holdings) == (4, "", before)
    assert "Refused: nothing was done." in ended.err


def test_a_digest_of_another_plan_is_refused(saved: SandboxedDesk):
    """`--expect` does that plan and nothing else."""
    ended = saved.run("apply", "--expect", f"sha256:{'0' * 64}")

    assert (ended.code, ended.out) == (4, "")
    assert "(digest_mismatch)" in ended.err


def test_planning_options_beside_it_contradict_it(saved: SandboxedDesk):
    """It says itself what is done."""
    ended = saved.run("apply", "reviewed.json", "--target", SETUP)

    assert (ended.code, ended.out) == (1, "")
    assert "A plan file says itself what is done" in ended.err


@pytest.mark.parametrize(
    "out, said",
    [
        ("no/such/folder/plan.json", "Error: no/such/folder/plan.json can't be written: "),
        ("state", "Error: state can't be written: something else than a file stands there."),
    ],
)
def test_a_path_that_takes_no_plan(begun: SandboxedDesk, out, said):
    """Nothing is left beside it, and the plan isn't shown as if it were saved."""
    before = begun.files().keys()

    ended = begun.run("plan", "--out", out)

    assert (ended.code, ended.out, begun.files().keys()) == (1, "", before)
    assert said in ended.err
