"""Kill -9 before and after every call of an import, run the same command again: the same end, and one object of each.

The calls are those of an undisturbed run, so a call that is added to chanplan is walked by itself.
"""

import pytest

from tests.e2e.kills import prepared, walked
from tests.e2e.scene import EMAIL
from tests.e2e.voice import NUMBERS, PROFILE, VOICE, furnish

APPLY = ("apply", "--auto-approve", "--parallelism", "1", "--deepen", "0")
MAIL = {
    "sending_pool.transactional": "acme-transactional",
    "ses_setup.acme-mail": "acme/mail.acme.example",
    "use_case.receipts": "acme_receipts",
}
TAKING = (*APPLY, *(argument for address in MAIL for argument in ("--take-ownership", address)))


def forgotten(scene, ids):
    """Loses the state, and asks for what exists."""
    for path in (scene.folder / "state").iterdir():
        path.unlink()
    listed = "".join(f'  - {{to: {address}, id: "{id}"}}\n' for address, id in ids.items())
    scene.write(f"{(scene.folder / 'chanplan.yaml').read_text()}\nimports:\n{listed}")


def of_another(scene):
    """Another workspace made one of each, otherwise than this one declares them."""
    text = EMAIL.read_text()
    pools, _, rest = text.partition("  marketing:")
    text = pools + rest[rest.index("\nses_setups") :]
    scene.write(text[: text.index("  alerts:")])
    scene.edit(("workspace: quickstart", "workspace: globex"))
    scene.expect(3, *APPLY)
    scene.publish()
    scene.expect(0, *APPLY)
    scene.edit(
        ("workspace: globex", "workspace: quickstart"),
        ("dmarc: {policy: none}", "mail_from: mailer\n    reputation_policy: strict"),
        ("{team: growth}", "{team: mail, cost: low}"),
    )
    forgotten(scene, MAIL)


def lines(scene):
    """Lines exist that no state knows, with another name and another number than are declared."""
    with scene.controls() as controls:
        furnish(controls)
    scene.write(VOICE.read_text())
    scene.expect(0, *APPLY)
    sids = {
        str(address): resource.facts["application_sid"]
        for address, resource in scene.state().resources.items()
        if "application_sid" in resource.facts
    }
    account = scene.environment["TWILIO_ACCOUNT_SID"]
    scene.edit(("name: Sales line", "name: New sales line"), (f'["{NUMBERS[2]}"]', f'["{NUMBERS[3]}"]'))
    forgotten(scene, {**sids, "twilio_setup.acme-voice": f"{account}/{PROFILE}"})


WALKS = {"another workspace's mail": (of_another, TAKING, 0), "lines": (lines, APPLY, 0)}


@pytest.mark.parametrize("name", WALKS)
def test_killed_at_any_call_of_an_import(name, commands, tmp_path):
    """Whatever call it dies at, the same command ends as it would have: settings, marks, state, and nothing left to do."""
    preparation, arguments, code = WALKS[name]

    walk = prepared(tmp_path / "walk", commands, preparation, arguments, code)

    walked(walk, commands, tmp_path / "scene")
