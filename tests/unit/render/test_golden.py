"""What people and programs see, byte for byte. `script/golden` writes the files anew."""

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chanplan.model.discoveries import Findings
from chanplan.model.gates import GateState
from chanplan.model.resources import ResourceState
from chanplan.model.snapshots import Observation, Run
from chanplan.planning.drawing import drawing_of
from chanplan.render.acceptance import acceptance_text
from chanplan.render.checkup import checkup_document, checkup_text
from chanplan.render.discovery_document import discovery_document
from chanplan.render.discovery_text import discovery_text
from chanplan.render.discovery_yaml import discovery_yaml
from chanplan.render.escapes import json_text
from chanplan.render.graph_dot import graph_dot
from chanplan.render.graph_mermaid import graph_mermaid
from chanplan.render.graph_text import graph_text
from chanplan.render.history import history_text
from chanplan.render.outcome import outcome_text
from chanplan.render.plan_document import plan_document
from chanplan.render.plan_markdown import plan_markdown
from chanplan.render.plan_text import plan_text
from chanplan.render.resources import resource_text, resources_table
from tests.unit.render import checkups, discoveries, outcomes, plans, tier_outputs

GOLDEN = Path(__file__).parents[2] / "golden" / "render"

SETUP = ResourceState(
    plans.MAIL,
    "0b54a0e4-7b5c-4b2c-9d55-1d9a3a4ab000",
    plans.SES,
    plans.setup_attributes(),
    facts={"dkim_tokens": ["abc"], "tenant_arn": "arn:aws:ses:us-east-1:123456789012:tenant/acme/tn-1"},
    created_at=plans.NOW - timedelta(days=2),
    updated_at=plans.NOW - timedelta(days=1),
)
RECEIPTS = ResourceState(
    plans.use_case("receipts"),
    "77a0c7f2-40a8-4f1c-8a11-3a5f6f4ab111",
    plans.SES,
    plans.email_attributes(),
    facts={"tier": "standard"},
    references=(plans.MAIL,),
    complete=False,
)
SEEN = Observation(
    plans.MAIL,
    plans.NOW,
    {"dkim_status": "PENDING", "mail_from_status": "SUCCESS"},
    outcomes.VERDICTS,
    plans.NOW,
    plans.dns_gate(GateState.PENDING),
)
RUNS = (
    Run("2", "apply", "ann@laptop", plans.NOW, None, None, None, version="0.1.0"),
    Run(
        "1",
        "apply",
        "ci@runner-7",
        plans.NOW - timedelta(hours=1),
        plans.NOW - timedelta(minutes=55),
        "sha256:" + "ab" * 32,
        "waiting",
        5,
        0,
        2,
    ),
)


def text(plan, width=80, *, colour=False):
    """A plan on a terminal."""
    return plan_text(plan, width=width, colour=colour)


def outcome(plan, *rounds, **more):
    """The end of an apply on a terminal."""
    return outcome_text(plan, rounds, width=80, colour=False, **more)


CASES = {
    "first.txt": lambda: text(plans.first_plan()),
    "unchanged.txt": lambda: text(plans.unchanged_plan()),
    "everything-40.txt": lambda: text(plans.full_plan(), 40),
    "everything-80.txt": lambda: text(plans.full_plan()),
    "everything-200.txt": lambda: text(plans.full_plan(), 200),
    "everything-colour.txt": lambda: text(plans.full_plan(), colour=True),
    "destroy.txt": lambda: text(plans.destroy_plan()),
    "hostile.txt": lambda: text(plans.hostile_plan()),
    "drift.txt": lambda: text(plans.drift_plan()),
    "drift.md": lambda: plan_markdown(plans.drift_plan(), limit=None),
    "drift.json": lambda: document(plans.drift_plan()),
    "drift-taken.txt": lambda: acceptance_text(
        plans.drift_plan(),
        [each for each in plans.drift_plan().drift if each.fingerprint],
        width=80,
        colour=False,
    ),
    "first.md": lambda: plan_markdown(plans.first_plan(), limit=None),
    "unchanged.md": lambda: plan_markdown(plans.unchanged_plan(), limit=None),
    "everything.md": lambda: plan_markdown(plans.full_plan(), limit=None),
    "everything-cut.md": lambda: plan_markdown(plans.full_plan(), limit=5000),
    "destroy.md": lambda: plan_markdown(plans.destroy_plan(), limit=None),
    "hostile.md": lambda: plan_markdown(plans.hostile_plan(), limit=None),
    "first.json": lambda: document(plans.first_plan()),
    "everything.json": lambda: document(plans.full_plan()),
    "outcome-waiting.txt": lambda: outcome(plans.first_plan(), outcomes.FIRST),
    "outcome-records.txt": lambda: outcome(
        plans.first_plan(),
        outcomes.FIRST,
        records={plans.MAIL: outcomes.RECORDS},
        digest="sha256:" + "d" * 64,
    ),
    "outcome-verdicts.txt": lambda: outcome_text(
        plans.first_plan(),
        [outcomes.FIRST],
        width=140,
        colour=False,
        timed_out=True,
        records={plans.MAIL: outcomes.VERDICTS},
    ),
    "outcome-failed.txt": lambda: outcome(plans.full_plan(), outcomes.BROKEN),
    "outcome-rounds.txt": lambda: outcome(
        plans.first_plan(),
        replace(outcomes.FIRST, done=outcomes.FIRST.done),
        outcomes.Made(done=(outcomes.Done(outcomes.created(plans.use_case("receipts"))),)),
    ),
    "outcome-deepened.txt": lambda: outcome(
        plans.unchanged_plan(), outcomes.Made(), deepened=outcomes.DEEPENED
    ),
    "outcome-nothing.txt": lambda: outcome(plans.unchanged_plan(), outcomes.Made()),
    "outcome-destroyed.txt": lambda: outcome(
        plans.destroy_plan(),
        outcomes.Made(done=(outcomes.Done(outcomes.Step(plans.MAIL, outcomes.Half.DELETE)),)),
    ),
    "resource.txt": lambda: resource_text(SETUP, SEEN, outcomes.RECORDS, width=80, colour=False),
    "resource-unfinished.txt": lambda: resource_text(RECEIPTS, None, (), width=80, colour=False),
    "resources.txt": lambda: resources_table((SETUP, RECEIPTS), {plans.MAIL: SEEN}),
    "history.txt": lambda: history_text(RUNS, None),
    "doctor.txt": lambda: checkup_text(checkups.SICK, width=80, colour=False),
    "doctor-colour.txt": lambda: checkup_text(checkups.SICK, width=100, colour=True),
    "doctor-well.txt": lambda: checkup_text(checkups.WELL, width=80, colour=False),
    "doctor.json": lambda: json_text(
        checkup_document(checkups.SICK, workspace="acme-production", version="0.1.0", at=plans.NOW)
    ),
    "graph-first.txt": lambda: graph_text(drawing_of(plans.first_plan()), width=80, colour=False),
    "graph-first.dot": lambda: graph_dot(drawing_of(plans.first_plan())),
    "graph-first.mmd": lambda: graph_mermaid(drawing_of(plans.first_plan())),
    "graph-everything.txt": lambda: graph_text(drawing_of(plans.full_plan()), width=80, colour=False),
    "graph-everything.dot": lambda: graph_dot(drawing_of(plans.full_plan())),
    "graph-everything.mmd": lambda: graph_mermaid(drawing_of(plans.full_plan())),
    "graph-hostile.txt": lambda: graph_text(drawing_of(plans.hostile_plan()), width=80, colour=False),
    "graph-hostile.dot": lambda: graph_dot(drawing_of(plans.hostile_plan())),
    "graph-hostile.mmd": lambda: graph_mermaid(drawing_of(plans.hostile_plan())),
    "discovery.txt": lambda: discovery_text(discoveries.everything(), "acme-production"),
    "discovery.json": lambda: (
        json_text(discovery_document(discoveries.everything(), "acme-production")) + "\n"
    ),
    "discovery.yaml": lambda: discovery_yaml(discoveries.everything(), "acme-production"),
    "discovery-answered.yaml": lambda: discovery_yaml(discoveries.answered(), "acme-production"),
    "discovery-nothing.txt": lambda: discovery_text(Findings(), "acme-production"),
    "discovery-nothing.yaml": lambda: discovery_yaml(Findings(), "acme-production"),
    **tier_outputs.CASES,
}


def document(plan):
    """A plan as `plan --format json` prints it."""
    return json.dumps(plan_document(plan, "0.1.0"), indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", CASES)
def test_output_is_as_recorded(name):
    """The output of each renderer is what its golden file holds."""
    path = GOLDEN / name
    actual = CASES[name]()
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(actual.encode())

    assert actual.encode() == path.read_bytes()


def test_every_golden_file_has_a_case():
    """No golden file is left over from a case that is gone."""
    assert sorted(path.name for path in GOLDEN.iterdir()) == sorted(CASES)
