"""Kill -9 before and after every call, run the same command again: the same end as if nothing had happened.

The calls are those of an undisturbed run, so a call that is added to chanplan is walked by itself.
"""

import pytest

from chanplan.cli.sandboxing import SANDBOX_DIRECTORY
from tests.e2e.kills import prepared, walked
from tests.e2e.scene import EMAIL, objects_in

SHARDS = 2
"""Parts of a walk that may run side by side."""

RECEIVING = (
    "    dmarc: {policy: none}\n",
    "    dmarc: {policy: none}\n    receiving: {rule_set: inbound, actions: [{s3: {bucket: acme-inbound}}]}\n",
)
# Deepening reads beside the changes: which call has which number would be left to chance.
APPLY = ("apply", "--auto-approve", "--parallelism", "1", "--deepen", "0")


def empty(scene):
    """Nothing of ours."""


def with_receiving(scene):
    """Nothing of ours, and inbound mail is declared."""
    scene.edit(RECEIVING)


def verified(scene):
    """The setup is there and its records are published; the use cases aren't made."""
    scene.edit(RECEIVING)
    scene.expect(3, *APPLY)
    scene.publish()


def finished(scene):
    """All is made."""
    scene.expect(3, *APPLY)
    scene.publish()
    scene.expect(0, *APPLY)


def edited(scene):
    """All is made, and much is declared otherwise."""
    finished(scene)
    scene.edit(
        RECEIVING,
        (
            "dmarc: {policy: none}",
            "dmarc: {policy: none}\n    mail_from: mailer\n    reputation_policy: strict",
        ),
        ("{team: growth}", "{team: mail, cost: low}"),
        ("Order receipts and invoices", "Receipts"),
    )


def retyped(scene):
    """All is made, and the receipts are to become marketing mail."""
    finished(scene)
    text = (scene.folder / "chanplan.yaml").read_text()
    head, receipts, tail = text.partition("  receipts:")
    scene.write(head + receipts + tail.replace("email_type: transactional", "email_type: marketing", 1))


def repooled(scene):
    """All is made, and a pool gets another name."""
    finished(scene)
    scene.edit(("pool_name: acme-transactional", "pool_name: acme-orders"))


def all_made(scene):
    """All is made, inbound mail too."""
    scene.edit(RECEIVING)
    finished(scene)


WALKS = {
    "create the setup and the pools": (empty, APPLY, 3),
    "create with receiving": (with_receiving, APPLY, 3),
    "create the use cases": (verified, APPLY, 0),
    "update": (edited, APPLY, 0),
    "replace a use case": (retyped, (*APPLY, "--allow-replace", "use_case.receipts"), 0),
    "replace a pool": (repooled, (*APPLY, "--allow-replace", "sending_pool.transactional"), 0),
    "destroy": (all_made, ("destroy", "--auto-approve", "--allow-delete", "all", "--parallelism", "1"), 0),
}


def strangers(scene):
    """Puts things into the account that aren't ours, some of them close by."""
    sesv2, ses = scene.client(), scene.client("ses")
    sesv2.create_tenant(TenantName="other", Tags=[{"Key": "team", "Value": "other"}])
    sesv2.create_email_identity(EmailIdentity="mail.other.example")
    sesv2.create_configuration_set(ConfigurationSetName="other_receipts")
    sesv2.create_dedicated_ip_pool(PoolName="other-pool")
    ses.create_receipt_rule_set(RuleSetName="inbound")
    ses.create_receipt_rule(
        RuleSetName="inbound",
        Rule={
            "Name": "theirs",
            "Enabled": True,
            "Recipients": ["mail.other.example"],
            "Actions": [{"S3Action": {"BucketName": "theirs"}}],
        },
    )
    ses.set_active_receipt_rule_set(RuleSetName="inbound")


@pytest.fixture(scope="session")
def prepare(tmp_path_factory, commands):
    """Gives the walk of a name; each is prepared once."""
    made = {}
    folder = tmp_path_factory.mktemp("walks")

    def prepare_once(name):
        if name not in made:
            preparation, arguments, code = WALKS[name]

            def begin(scene):
                scene.write(EMAIL.read_text())
                strangers(scene)
                preparation(scene)

            root = folder / str(list(WALKS).index(name))
            made[name] = prepared(root, commands, begin, arguments, code)
        return made[name]

    return prepare_once


@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("name", WALKS)
def test_killed_at_any_call(name, shard, prepare, commands, tmp_path):
    """Whatever call it dies at, the same command ends as it would have: services, state, and nothing left to do."""
    walked(prepare(name), commands, tmp_path / "scene", shard, SHARDS)


@pytest.mark.parametrize("name", WALKS)
def test_strangers_stay(name, prepare):
    """What isn't ours is after every command as it was before: objects, tags, and the rule beside ours."""
    walk = prepare(name)

    before, after = (
        theirs(objects_in(walk.work.root / "workspace" / SANDBOX_DIRECTORY, {})),
        theirs(walk.reference.world["services"]),
    )

    assert sorted(key[2] for key in before) == STRANGERS
    assert after == before


STRANGERS = [
    "ses.active-receipt-rule-set",
    "ses.configuration-set",
    "ses.identity",
    "ses.pool",
    "ses.receipt-rule-set",
    "ses.tags",
    "ses.tenant",
    "ses.tenant-id",
]


def theirs(objects):
    """Gives what strangers() made, without what ours added to the rule set that both use."""
    found = {}
    for key, value in objects.items():
        if key[2] == "ses.receipt-rule-set":
            found[key] = {**value, "rules": [rule for rule in value["rules"] if rule["Name"] == "theirs"]}
        elif "other" in key[3] or "other" in str(value) or key[2] == "ses.active-receipt-rule-set":
            found[key] = value
    return found
