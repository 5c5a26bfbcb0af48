"""The example policies: their own cases, and plans that chanplan really makes."""

import json
from pathlib import Path

import pytest
import yaml

from tests.cli.desk import EMAIL, Desk, SandboxedDesk
from tests.policy.engine import POLICIES, codes, verdicts

CASES = yaml.safe_load((POLICIES / "tests" / "cases.yaml").read_text())["cases"]
VOICE = (Path(__file__).parents[1] / "voice.yaml").read_text()
PRODUCTION = ("workspace: quickstart", "workspace: acme-production")
MARKETING = ("email_type: transactional\n  alerts:", "email_type: marketing\n  alerts:")


@pytest.mark.parametrize("name", CASES)
def test_the_policies_own_cases(name):
    """What `examples/policy/tests/cases.yaml` says is let pass, stopped and warned of."""
    case = CASES[name]

    denied, warned = verdicts({"format_version": "1.0", "errored": False} | case["plan"], case.get("limits"))

    assert (codes(denied), codes(warned)) == (case.get("denied", []), case.get("warned", []))


def test_every_policy_has_a_case():
    """No code of a policy is without one case that meets it."""
    policies = "".join(path.read_text() for path in POLICIES.glob("*.rego"))
    met = {code for case in CASES.values() for code in (*case.get("denied", []), *case.get("warned", []))}

    told = {line.split('"')[1].partition(":")[0] for line in policies.splitlines() if "msg := " in line}
    assert told == met


def edited(text, *edits):
    """Replaces texts that stand there once."""
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def judged(desk, *arguments, limits=None):
    """Gives the codes that a plan of today is denied and warned with."""
    denied, warned = verdicts(desk.run("plan", "--format", "json", *arguments).document, limits)
    return codes(denied), codes(warned)


def test_a_first_plan(sandboxed: SandboxedDesk):
    """What the tests' own workspace would be told: a warning here, a refusal in production."""
    here = judged(sandboxed)
    sandboxed.write(edited(EMAIL, PRODUCTION))

    assert (here, judged(sandboxed)) == (([], ["dmarc_weak"]), (["dmarc_weak"], []))


def test_untagged(sandboxed: SandboxedDesk):
    """Each object without the tag is named."""
    sandboxed.write(edited(EMAIL, ("tags: {team: growth}", ""), ("policy: none", "policy: reject")))

    denied, _ = verdicts(sandboxed.run("plan", "--format", "json").document)

    assert denied == [
        f"tag_missing: {address} has no tag team"
        for address in (
            "sending_pool.marketing",
            "sending_pool.transactional",
            "ses_setup.acme-mail",
            "use_case.alerts",
            "use_case.receipts",
        )
    ]


def test_receipts_become_marketing_mail(finished: SandboxedDesk):
    """Neither nobody's word nor a flag is enough: a ticket is."""
    finished.write(edited(EMAIL, MARKETING))
    nobody, flag = judged(finished), judged(finished, "--allow-replace", "use_case.receipts")
    entry = "acknowledge: [{address: use_case.receipts, action: replace, reason: 'CH-118, agreed'}]\n"
    finished.write(edited(EMAIL, MARKETING) + entry)

    assert nobody == flag == (["marketing_without_ticket"], ["loss"])
    assert judged(finished) == ([], ["loss"])


def test_deleting_a_premium_sender(sandboxed: SandboxedDesk):
    """Which pool it sends through tells its tier; the same sender at a lower tier may go."""
    pools = (
        "sending_pools:\n",
        "sending_pools:\n  best: {pool_name: acme-best, family: transactional, tiers: [premium], scaling: managed}\n",
    )
    tiers = (
        "family: transactional\n    tiers: [onboarding, standard, premium]",
        "family: transactional\n    tiers: [onboarding, standard]",
    )
    whole = edited(EMAIL, pools, tiers)
    head, _, receipts_on = whole.partition("  receipts:")
    without = head + receipts_on[receipts_on.index("  alerts:") :]
    sandboxed.write(whole)
    assert sandboxed.apply().code == 3
    sandboxed.publish()
    assert sandboxed.apply().code == 0
    sandboxed.write(without)
    lower = judged(sandboxed, "--allow-delete", "use_case.receipts")

    promote(sandboxed, "use_case.receipts")
    sandboxed.write(whole)
    assert sandboxed.apply().code == 0
    sandboxed.write(without)

    assert lower == ([], ["loss"])
    assert judged(sandboxed, "--allow-delete", "use_case.receipts") == (["premium_deleted"], ["loss"])


def promote(desk, address):
    """Plays what raises a sender's tier: the state remembers another one."""
    state = desk.run("state", "pull").document
    (resource,) = [each for each in state["resources"] if each["address"] == address]
    resource["facts"]["tier"] = "premium"
    state["serial"] += 1
    desk.write(json.dumps(state), "promoted.json")
    assert desk.run("state", "push", "promoted.json").code == 0


def test_lines_in_production(desk: Desk):
    """Each unprotected line that takes calls is denied, and no other."""
    desk.write(edited(VOICE, ("workspace: voice", "workspace: acme-production")))
    environment = {"TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000001"}
    plan = desk.run("plan", "--refresh", "none", "--format", "json", **environment).document
    desk.write(
        edited(
            VOICE,
            ("workspace: voice", "workspace: acme-production"),
            (
                "description: Where customers call",
                "description: Where customers call\n    lifecycle: {prevent_destroy: true}",
            ),
        )
    )
    protected = desk.run("plan", "--refresh", "none", "--format", "json", **environment).document

    assert verdicts(plan)[0] == [
        "line_unprotected: use_case.support-line takes calls in production; add `lifecycle: {prevent_destroy: true}`"
    ]
    assert verdicts(protected)[0] == []


def test_more_changes_than_are_read(sandboxed: SandboxedDesk):
    """The limit is a number that a company sets."""
    assert judged(sandboxed, limits={"max_changes": 4})[0] == ["too_many_changes"]
    assert judged(sandboxed, limits={"max_changes": 5})[0] == []


def test_a_saved_plan_is_judged_like_a_printed_one(finished: SandboxedDesk):
    """`--out` writes the same document."""
    finished.write(edited(EMAIL, MARKETING))
    printed = finished.run("plan", "--out", "plan.json", "--format", "json").document
    saved = json.loads(finished.files()["plan.json"])

    assert verdicts(saved) == verdicts(printed)
    assert codes(verdicts(saved)[0]) == ["marketing_without_ticket"]
