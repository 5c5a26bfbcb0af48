"""What many resources have in common is said a few times and then counted; nothing that needs a person is lost in it."""

import re
from dataclasses import replace

import pytest

from chanplan.model.addresses import Address
from chanplan.model.gates import GateState
from chanplan.model.problems import Problem, Severity
from chanplan.render.outcome import outcome_text
from chanplan.render.plan_markdown import plan_markdown
from chanplan.render.plan_text import plan_text
from tests.unit.render import outcomes, plans

SETUPS = tuple(Address("ses_setup", f"c{number:03}") for number in range(200))


def told(plan, form):
    """A plan for people."""
    if form == "markdown":
        return plan_markdown(plan, limit=None).replace("\\", "")
    return plan_text(plan, width=200, colour=False)


def warned(*addresses):
    """The first plan of a workspace, with the same warning about each of these."""
    warnings = [
        Problem("inbound_unrouted", f"{address} is unrouted.", severity=Severity.WARNING, address=address)
        for address in addresses
    ]
    return replace(plans.first_plan(), diagnostics=tuple(warnings))


def outcome(made):
    """The end of an apply."""
    return outcome_text(plans.first_plan(), [made], width=200, colour=False)


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_warning_is_said_five_times_per_code(form):
    """What this plan changes comes first: a reviewer of one new customer sees that customer's."""
    shown = told(warned(*SETUPS, plans.MAIL), form)

    assert re.findall(r"(\S+) is unrouted\.", shown) == [str(plans.MAIL), *map(str, SETUPS[:4])]
    assert "and 196 more warnings of" in shown


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_five_warnings_are_all_said(form):
    """Nothing is counted that could be told."""
    shown = told(warned(*SETUPS[:5]), form)

    assert (shown.count("is unrouted."), "more warning" in shown) == (5, False)


def test_an_apply_shows_ten_gates():
    """Those that need a person first; where the rest is found is said."""
    waiting = tuple(
        outcomes.Waiting(
            outcomes.created(Address("use_case", setup.name)),
            plans.dns_gate(GateState.FAILED if setup == SETUPS[150] else GateState.PENDING, on=setup),
        )
        for setup in SETUPS
    )

    shown = outcome(outcomes.Made(waiting=waiting))

    gates = re.findall(r"^  dns_verified of (\S+):", shown, re.MULTILINE)
    assert gates == [str(setup) for setup in (SETUPS[150], *SETUPS[:9])]
    assert "  and 190 more gates\n    What to publish: chanplan dns records\n" in shown


def test_what_many_steps_failed_of_is_said_once():
    """With the first ten of them; another reason stands by itself, with its place."""
    missing = Problem("rule_set_missing", "The rule set 'inbound' doesn't exist.", "Make it.")
    failed = [outcomes.Failed(outcomes.created(setup), replace(missing, address=setup)) for setup in SETUPS]
    other = Problem("rejected", "SES refused it.", address=plans.MAIL)

    shown = outcome(outcomes.Made(failed=(*failed, outcomes.Failed(outcomes.created(plans.MAIL), other))))

    assert shown.startswith("Failed (201)\n")
    assert shown.count("The rule set 'inbound' doesn't exist.") == 1
    assert "ses_setup.c009 and 190 more weren't created" in " ".join(shown.split())
    assert f"  {plans.MAIL} wasn't created\n  ! {plans.MAIL} (rejected)\n" in shown
