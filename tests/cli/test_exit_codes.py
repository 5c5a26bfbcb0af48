"""Exit codes: what scripts are written against."""

from itertools import combinations

import pytest

from chanplan.cli.exits import Exit, worst
from tests.cli.desk import EMAIL, SandboxedDesk

IN_ORDER = [130, 5, 4, 1, 3, 2, 0]


def test_the_first_that_holds_counts():
    """Interrupted, locked, refused, error, waiting, changes, done."""
    actual = {pair: int(worst(Exit(pair[1]), Exit(pair[0]))) for pair in combinations(IN_ORDER, 2)}

    assert actual == {pair: pair[0] for pair in combinations(IN_ORDER, 2)}


def test_plan_says_on_request_that_there_are_changes(begun: SandboxedDesk):
    """2 beside an exit of 0 without the option, whatever waits."""
    assert [begun.run("plan").code, begun.run("plan", "--detailed-exitcode").code] == [0, 2]


def test_plan_of_nothing_is_0_either_way(finished: SandboxedDesk):
    """No changes is what a check in CI looks for."""
    assert [finished.run("plan").code, finished.run("plan", "--detailed-exitcode").code] == [0, 0]


def test_a_refused_plan_exits_as_any_other(finished: SandboxedDesk):
    """Only what carries out exits with 4."""
    finished.write(EMAIL.replace("email_type: transactional", "email_type: marketing", 1))

    codes = [
        finished.run("plan").code,
        finished.run("plan", "--detailed-exitcode").code,
        finished.apply().code,
        finished.apply("--allow-replace", "use_case.receipts").code,
    ]

    assert codes == [0, 2, 4, 0]


def test_an_apply_that_waits_exits_with_3_each_time(begun: SandboxedDesk):
    """Until somebody publishes the records; nothing to do is 0."""
    codes = [begun.apply().code, begun.apply("--wait", "0.1s").code]
    begun.publish()
    codes += [begun.apply().code, begun.apply().code]

    assert codes == [3, 3, 0, 0]


@pytest.mark.parametrize("publish, code", [(False, 3), (True, 0)])
def test_wait_tells_how_the_gates_stand(begun: SandboxedDesk, publish, code):
    """3 when the time was up, 0 when all are open."""
    if publish:
        begun.publish()

    assert begun.run("wait", "--timeout", "0s").code == code


def test_a_gate_that_expired_is_waiting_in_an_apply(begun: SandboxedDesk):
    """SES stopped looking after 72 hours; a person has to do something, and nothing failed yet."""
    begun.controls.advance(73 * 3600)

    ended = begun.apply()

    assert (ended.code, "expired, the service stopped looking" in ended.said) == (3, True)


def test_a_destroy_of_everything(finished: SandboxedDesk):
    """4 while losses aren't acknowledged, 0 when it is done, 0 again when nothing is left."""
    codes = [
        finished.run("destroy", "--auto-approve").code,
        finished.run("destroy", "--auto-approve", "--allow-delete", "all").code,
        finished.run("destroy", "--auto-approve").code,
    ]

    assert (codes, finished.controls.status().holdings) == ([4, 0, 0], ())
