"""The command line over a state in S3."""

import json
import re

import pytest

from tests.cli.desk import EMAIL, SandboxedDesk
from tests.cli.test_state_changes import quiet, store_of
from tests.cli.test_state_documents import forked, older, other
from tests.conformance.s3_doors import KEY, PASS, Away, Outcome, door


def configured(away):
    """The same resources, remembered in a bucket."""
    return EMAIL + (
        f"state: {{backend: s3, bucket: {away.bucket}, key: {KEY}, region: eu-west-1,"
        f" endpoint_url: '{away.door.endpoint}'}}\n"
    )


def test_a_state_moves_into_a_bucket_and_work_goes_on_there(finished: SandboxedDesk, monkeypatch):
    """Pulled from the file and pushed into the bucket it's the same state: a plan changes nothing, and an apply has nothing
    to do. While somebody holds the lock, an apply is told who."""
    away = Away()
    before = store_of(finished).load()
    assert quiet(finished, "state", "pull", "--out", "moving.json").code == 0
    finished.write(configured(away))

    pushed = quiet(finished, "state", "push", "moving.json")
    planned = finished.run("plan", "--detailed-exitcode")
    applied = finished.run("apply", "--auto-approve")

    assert (pushed.code, planned.code, applied.code) == (0, 0, 0), pushed.said + planned.said + applied.said
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "sandbox")
    store = away.open()
    after = store.load()
    assert (after.lineage, after.serial, dict(after.resources)) == (
        before.lineage,
        before.serial,
        dict(before.resources),
    )
    with store.lock("ci@build-7", "apply", 0):
        refused = finished.run("apply", "--auto-approve")
    store.close()

    assert (refused.code, "The workspace is locked by ci@build-7 (apply) since 20" in refused.said) == (
        5,
        True,
    )


def test_a_bucket_that_is_not_there(finished: SandboxedDesk):
    """It's said which, and that chanplan makes none."""
    away = Away(bucket="acme-nowhere")
    finished.write(configured(away))
    ended = finished.run("plan")

    assert (ended.code, ended.said) == (
        1,
        f"Error: The state s3://acme-nowhere/{KEY} can't be read: there is no bucket 'acme-nowhere'."
        " Make it (chanplan never makes buckets), or correct `bucket:` under `state:`.",
    )


@pytest.fixture
def parked(finished: SandboxedDesk, monkeypatch):
    """The finished workspace with its state in a bucket, behind a door that can be told what to do."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "sandbox")
    with door() as made:
        away = Away(door=made)
        assert finished.run("state", "pull", "--out", "state.json").code == 0
        finished.write(configured(away))
        assert finished.run("state", "push", "state.json").code == 0
        yield finished, away


def remembered(away):
    """What the bucket holds."""
    store = away.open()
    try:
        return store.load()
    finally:
        store.close()


def test_an_outage_between_a_call_and_its_note(parked):
    """What was done goes to a file beside the configuration, as long as the bucket can't be written; the next run brings
    it back, and makes nothing twice."""
    desk, away = parked
    desk.write(configured(away).replace("domain_identity:", "mail_from: mail\n    domain_identity:"))
    call = "sesv2:PutEmailIdentityMailFromAttributes"

    def made():
        return [each.operation for each in desk.controls.calls()].count(call)

    before = made()
    away.door.decide = lambda request: (
        Outcome(refusal=(403, "AccessDenied"))
        if made() > before and request.method in ("PUT", "DELETE", "POST")
        else PASS
    )
    broken = desk.apply("--deepen", "0")
    away.door.decide = lambda _: PASS
    (kept,) = desk.folder.glob("chanplan-recovery-*.jsonl")
    held = next(iter(remembered(away).intents))
    id = re.search(r"chanplan unlock ([0-9a-f]+)", broken.said)
    assert id is not None
    assert desk.run("unlock", id[1], "--auto-approve").code == 0
    again = desk.apply("--deepen", "0")

    assert (broken.code, kept.name in broken.said, held.kind.value) == (1, True, "update")
    assert (again.code in (0, 3), made()) == (True, before + 1)
    assert "what an earlier run couldn't record is in the state now" in again.said
    assert (remembered(away).intents, [path.name for path in desk.folder.glob("chanplan-recovery-*")]) == (
        (),
        [f"{kept.name}.applied"],
    )
    assert desk.run("plan", "--refresh", "deep", "--format", "json").document["summary"]["update"] == 0


@pytest.mark.parametrize(
    "changed, message",
    [
        (older, "The document is older: serial "),
        (other, "The document is of another state: lineage 0a1b2c3d"),
        (forked, "The document and the state differ, and both have serial "),
    ],
)
def test_what_isnt_newer_isnt_pushed_there_either(parked, changed, message):
    """Serial behind, another lineage, the same serial with something else in it: the bucket stays as it is."""
    desk, away = parked
    document = desk.run("state", "pull").document
    desk.write(json.dumps(changed(document)), "state.json")
    before = remembered(away)

    ended = desk.run("state", "push", "state.json")

    assert (ended.code, ended.out, remembered(away)) == (4, "", before)
    assert ended.err.startswith(f"Error: {message}")


def test_a_push_waits_for_no_apply(parked):
    """Two writers: while one run holds the workspace, a push is told who, and changes nothing."""
    desk, away = parked
    document = desk.run("state", "pull").document
    desk.write(json.dumps({**document, "serial": document["serial"] + 1, "resources": []}), "state.json")
    before = remembered(away)
    store = away.open()

    with store.lock("ci@build-7", "apply", 0):
        ended = desk.run("state", "push", "state.json")
    store.close()

    assert (ended.code, ended.out, "The workspace is locked by ci@build-7 (apply)" in ended.said) == (
        5,
        "",
        True,
    )
    assert remembered(away).resources == before.resources


def test_a_state_of_a_newer_chanplan(parked):
    """Nothing of it is read or written over, and what to do is said."""
    desk, away = parked
    store = away.open()
    body = store._bucket.get(KEY).body
    store._bucket.replace(KEY, body.replace(b'"format":1', b'"format":99', 1), store._bucket.etag(KEY))
    newer = store._bucket.get(KEY).body
    store.close()

    ended = [desk.run(*command) for command in (("plan",), ("apply", "--auto-approve"), ("state", "list"))]

    store = away.open()
    assert (b'"format":99' in newer, store._bucket.get(KEY).body) == (True, newer)
    store.close()
    assert [(each.code, each.out) for each in ended] == [(1, "")] * 3
    assert all("Use the version of chanplan that wrote it" in each.said for each in ended)
