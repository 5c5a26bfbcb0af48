"""The command line over a state in S3."""

from tests.cli.desk import EMAIL, SandboxedDesk
from tests.cli.test_state_changes import quiet, store_of
from tests.conformance.s3_doors import KEY, Away


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
