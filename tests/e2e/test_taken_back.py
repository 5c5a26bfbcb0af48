"""An update that was killed and is taken back leaves nothing of itself."""

from itertools import pairwise

import pytest

from tests.e2e.kills import Blow
from tests.e2e.scene import EMAIL, Scene
from tests.e2e.test_kill_walk import RECEIVING

PLAIN, TAGGED = "tags: {team: growth}", "tags: {team: growth, stage: live}"


def standing(scene):
    """All that the services hold, without what the sandbox keeps of tags that were."""
    return {key: value["tags"] if key[2] == "ses.tags" else value for key, value in scene.objects().items()}


@pytest.mark.parametrize(
    "edit, operation",
    [(RECEIVING, "ses:CreateReceiptRule"), ((PLAIN, TAGGED), "sesv2:TagResource")],
    ids=["receiving", "tags"],
)
def test_what_an_update_added_goes_again(tmp_path, commands, edit, operation):
    """Killed right after it added something, and the configuration is what it was: so are the services."""
    blow = Blow(phase="after")
    with Scene(tmp_path / "scene", commands, hooks=blow) as scene:
        scene.client("ses").create_receipt_rule_set(RuleSetName="inbound")
        scene.write(EMAIL.read_text())
        scene.expect(3, "apply", "--auto-approve", "--deepen", "0")
        before = standing(scene)
        scene.edit(edit)
        blow.operation = operation
        assert blow.land(scene.start("apply", "--auto-approve", "--deepen", "0")).code == -9
        assert standing(scene) != before

        scene.edit(edit[::-1])
        scene.expect(3, "apply", "--auto-approve", "--deepen", "0")

        assert standing(scene) == before


def test_what_an_update_added_goes_with_its_setup(tmp_path, commands):
    """Killed right after it put the domain into a rule; destroyed then, the setup leaves no rule behind."""
    blow = Blow(phase="after", operation="ses:CreateReceiptRule")
    with Scene(tmp_path / "scene", commands, hooks=blow) as scene:
        scene.client("ses").create_receipt_rule_set(RuleSetName="inbound")
        scene.write(EMAIL.read_text())
        scene.expect(3, "apply", "--auto-approve", "--deepen", "0")
        scene.edit(RECEIVING)
        assert blow.land(scene.start("apply", "--auto-approve", "--deepen", "0")).code == -9

        scene.expect(0, "destroy", "--auto-approve", "--allow-delete", "all")

        assert [key[2:] for key in scene.objects()] == [("ses.receipt-rule-set", "inbound")]
        assert scene.client("ses").describe_receipt_rule_set(RuleSetName="inbound")["Rules"] == []


def test_a_domain_leaves_every_rule_set_that_an_attempt_put_it_into(tmp_path, commands):
    """Moved to a second rule set and killed, then to a third and killed, and then something else is edited, too: of all
    rule sets only the one that is declared has a rule for the domain."""
    sets = ["inbound", "second", "third"]
    blow = Blow(phase="after")
    with Scene(tmp_path / "scene", commands, hooks=blow) as scene:
        ses = scene.client("ses")
        for name in sets:
            ses.create_receipt_rule_set(RuleSetName=name)
        scene.write(EMAIL.read_text())
        scene.edit(RECEIVING)
        scene.expect(3, "apply", "--auto-approve", "--deepen", "0")
        for old, new in pairwise(sets):
            scene.edit((f"rule_set: {old}", f"rule_set: {new}"))
            blow.aim("ses:CreateReceiptRule")
            assert blow.land(scene.start("apply", "--auto-approve", "--deepen", "0")).code == -9
        scene.edit((PLAIN, TAGGED))

        scene.expect(3, "apply", "--auto-approve", "--deepen", "0")

        held = {name: ses.describe_receipt_rule_set(RuleSetName=name)["Rules"] for name in sets}
        assert {name: len(rules) for name, rules in held.items()} == {"inbound": 0, "second": 0, "third": 1}
