"""`state mv --to`: splitting a workspace and merging two, killed anywhere, without any call to a service."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from chanplan.model.addresses import Address
from chanplan.model.snapshots import PutResource
from chanplan.stores.sqlite.store import SqliteStore
from tests.cli.desk import EMAIL, SETUP, Desk, SandboxedDesk
from tests.cli.test_state_changes import addresses, quiet, store_of
from tests.conformance.store_samples import RECEIPTS_STATE, SETUP_STATE, intent, resource, run

SETUPS = EMAIL.index("ses_setups:")
HEAD = EMAIL[: EMAIL.index("sending_pools:")]
POOLS = EMAIL[EMAIL.index("sending_pools:") : SETUPS]
TENANTS = EMAIL[SETUPS:]
OTHER = "other/chanplan.yaml"
THERE = "other/state/chanplan.db"
RECEIPTS = Address("use_case", "receipts")
MOVED = ["ses_setup.acme-mail", "use_case.alerts", "use_case.receipts"]


def other(content=""):
    """The configuration of another workspace."""
    return HEAD.replace("workspace: quickstart", "workspace: other") + content


@pytest.fixture
def two(finished: SandboxedDesk):
    """A workspace that is applied to its end, and one without anything."""
    finished.write(other(), OTHER)
    return finished


def held(desk):
    """What both states know."""
    return (addresses(desk), addresses(desk, THERE))


class TestSplitting:
    def test_a_setup_goes_with_its_use_cases(self, two: SandboxedDesk):
        """Observations too; and what to change in both configurations is said."""
        before = store_of(two).load()
        ended = quiet(two, "state", "mv", SETUP, "--to", OTHER)
        here, there = store_of(two).load(), store_of(two, THERE).load()

        assert (ended.code, ended.err) == (0, "")
        moved = {each: before.resources[each] for each in before.resources if str(each) in MOVED}
        assert there.resources == moved
        assert there.observations == {key: each for key, each in before.observations.items() if key in moved}
        assert there.observations
        assert {**here.resources, **there.resources} == before.resources
        assert (here.intents, there.intents, there.workspace) == ((), (), "other")
        assert ended.out.startswith(
            "Moved 3 resources from workspace quickstart to other:\n"
            "  ses_setup.acme-mail\n  use_case.alerts\n  use_case.receipts\nBackup of what was there: state/"
        )
        assert ended.out.endswith(
            f"Declare in other, or its next plan deletes them: {', '.join(MOVED)}\n"
            f"Take out of quickstart, or its next plan makes them anew: {', '.join(MOVED)}\n"
        )

    def test_afterwards_neither_plans_anything(self, two: SandboxedDesk):
        """Once the YAML has followed; the services hold what they held."""
        two.write(EMAIL.replace("workspace: quickstart", "workspace: other"), OTHER)
        two.write(HEAD + POOLS)
        holdings = two.controls.status().holdings
        quiet(two, "state", "mv", SETUP, "--to", OTHER)
        quiet(two, "state", "mv", "sending_pool.transactional", "--to", OTHER)
        quiet(two, "state", "mv", "sending_pool.marketing", "--to", OTHER)
        two.write(HEAD)

        here = two.run("plan", "--detailed-exitcode")
        there = two.run("--config", OTHER, "plan", "--detailed-exitcode")

        assert (here.code, there.code, two.controls.status().holdings) == (0, 0, holdings)

    def test_under_another_address(self, two: SandboxedDesk):
        """What refers to it follows."""
        quiet(two, "state", "mv", SETUP, "ses_setup.mail", "--to", OTHER)

        there = store_of(two, THERE).load().resources
        assert there[RECEIPTS].references == (Address("ses_setup", "mail"),)
        assert there[RECEIPTS].attributes["ses_setup"] == "ses_setup.mail"

    def test_what_a_killed_run_began_goes_along(self, two: SandboxedDesk):
        """Its intents are open there, and no more here."""
        store_of(two).begin(intent("of-it", RECEIPTS))
        quiet(two, "state", "mv", SETUP, "--to", OTHER)

        assert [each.id for each in store_of(two, THERE).load().intents] == ["of-it"]
        assert store_of(two).load().intents == ()

    def test_a_use_case_doesnt_go_without_its_setup(self, two: SandboxedDesk):
        """Exit code 4, and what to move instead."""
        before = held(two)
        ended = quiet(two, "state", "mv", "use_case.receipts", "--to", OTHER)

        assert (ended.code, ended.out, held(two)) == (4, "", before)
        assert ended.err == (
            f"Error: use_case.receipts refers to {SETUP}, which would stay behind.\n"
            "  Move what it refers to: what refers to that goes along.\n"
        )


class TestMerging:
    def test_everything_goes_in_one_line(self, two: SandboxedDesk):
        """Into a workspace that has something already."""
        there = SqliteStore(two.folder / THERE)
        there.start_run("other", run())
        there.edit([PutResource(resource(Address("sending_pool", "theirs"), pool_name="theirs"))])
        ended = quiet(two, "state", "mv", "--all", "--to", OTHER)

        assert ended.code == 0
        assert held(two) == (
            [],
            sorted(["sending_pool.marketing", "sending_pool.theirs", "sending_pool.transactional", *MOVED]),
        )
        moving, *earlier = there.runs(9)
        assert (moving.command, moving.result, moving.done) == ("state mv, from quickstart", "done", 5)
        assert earlier == [run()]
        assert store_of(two).runs(1)[0].command == "state mv, to other"
        assert ended.out.count("Backup of what was there: ") == 2

    def test_an_address_that_is_taken_there(self, two: SandboxedDesk):
        """Nothing moves; it says which."""
        SqliteStore(two.folder / THERE).edit([PutResource(SETUP_STATE), PutResource(RECEIPTS_STATE)])
        before = held(two)
        ended = quiet(two, "state", "mv", "--all", "--to", OTHER)

        assert (ended.code, ended.out, held(two)) == (1, "", before)
        assert ended.err.startswith(
            f"Error: Workspace other has {SETUP}, use_case.receipts already.\n  Rename it there first"
        )

    def test_what_is_in_both_already(self, two: SandboxedDesk):
        """As after somebody pushed an old copy: a person must say which of both is left over."""
        twin = store_of(two).load().resources[Address("ses_setup", "acme-mail")]
        SqliteStore(two.folder / THERE).edit([PutResource(replace(twin, address=Address("ses_setup", "x")))])
        before = held(two)
        ended = quiet(two, "state", "mv", SETUP, "--to", OTHER)

        assert (ended.code, ended.out, held(two)) == (4, "", before)
        assert ended.err.startswith(f"Error: {SETUP} is the same object as ses_setup.x of workspace other.")


class TestWrongTargets:
    def test_the_same_state(self, finished: SandboxedDesk):
        """A second name for this configuration is no other workspace."""
        ended = quiet(finished, "state", "mv", SETUP, "--to", "chanplan.yaml")

        assert (ended.code, ended.out) == (1, "")
        assert ended.err.startswith("Error: Both configurations name the same state.")

    def test_an_address_that_isnt_there(self, two: SandboxedDesk):
        """The one that was meant is named."""
        ended = quiet(two, "state", "mv", "ses_setup.acme-mial", "--to", OTHER)

        assert ended.err.startswith(
            f"Error: ses_setup.acme-mial isn't in the state.\n  Did you mean {SETUP}?"
        )

    def test_a_configuration_that_isnt_there(self, two: SandboxedDesk):
        """Nothing moves."""
        before = held(two)
        ended = quiet(two, "state", "mv", SETUP, "--to", "nowhere.yaml")

        assert (ended.code, held(two)) == (1, before)
        assert "nowhere.yaml" in ended.err

    @pytest.mark.parametrize("path", ["state/chanplan.db", THERE])
    def test_either_is_locked(self, two: SandboxedDesk, path):
        """Exit code 5; nothing moves."""
        before = held(two)
        with SqliteStore(two.folder / path).lock("ada@build-7", "chanplan apply", 0):
            ended = quiet(two, "state", "mv", SETUP, "--to", OTHER, "--lock-timeout", "0.1s")

        assert (ended.code, ended.out, held(two)) == (5, "", before)
        assert "locked by ada@build-7" in ended.err

    def test_nothing_to_move(self, two: SandboxedDesk):
        """The other way round there is nothing."""
        ended = quiet(two, "--config", OTHER, "state", "mv", "--all", "--to", "chanplan.yaml")

        assert (ended.code, ended.out) == (1, "")
        assert ended.err.startswith("Error: The state holds nothing to move.")


@pytest.fixture(scope="session")
def walked(tmp_path_factory, finished_once):
    """Folders in which a move was killed, at each SQL statement in turn; in the last one it wasn't."""
    start, walk = tmp_path_factory.mktemp("start") / "desk", tmp_path_factory.mktemp("walk")
    shutil.copytree(finished_once / "desk", start)
    Desk(start).write(other(), OTHER)
    program = [sys.executable, "-m", "tests.cli.handover_victims", str(start), str(walk)]
    subprocess.run(program, cwd=Path(__file__).parents[2], check=True)
    return walk


@pytest.fixture
def killed(walked, tmp_path):
    """Desks in copies of those folders; no service is within reach of them."""
    walk = shutil.copytree(walked, tmp_path / "walk")
    return [Desk(walk / str(number)) for number in range(1, len(list(walk.iterdir())) + 1)]


def test_killed_at_any_statement_it_is_in_one_or_ended_by_the_same_command(killed):
    """Never in neither; while both may have it, the state that gives is planned and changed no more; the same command
    ends it, and then it is in the other alone."""
    everything, met = addresses(killed[0]), []
    for number, desk in enumerate(killed):
        here, there = held(desk)
        begun = bool(store_of(desk).load().intents)
        assert sorted({*here, *there}) == everything, number
        assert begun or not set(here) & set(there), number
        met.append((begun, bool(there)))
        if begun or not there:
            ended = desk.run("state", "mv", SETUP, "--to", OTHER)
            assert (ended.code, ended.out.startswith("An earlier command had begun this")) == (0, begun)
        here, there = held(desk)
        assert (sorted([*here, *there]), there) == (everything, MOVED), number
        assert store_of(desk).load().intents == store_of(desk, THERE).load().intents == ()

    assert set(met) == {(False, False), (True, False), (True, True), (False, True)}
    assert met[-1] == (False, True)


def test_nothing_else_happens_before_what_was_begun_has_ended(killed):
    """Plans are refused, and so is every other change of the state; the remedy is the command that ends it."""
    desk = next(desk for desk in killed if store_of(desk).load().intents)
    desk.run("state", "pull", "--out", "state.json")
    before = store_of(desk).load()
    planned = desk.run("plan", "--refresh", "none", "--format", "json")
    changes = [
        desk.run("apply", "--refresh", "none", "--auto-approve"),
        desk.run("state", "rm", "--auto-approve", "use_case.receipts"),
        desk.run("state", "mv", "use_case.receipts", "use_case.x"),
        desk.run("state", "push", "state.json"),
    ]

    (refusal,) = planned.document["refusals"]
    assert (planned.code, refusal["code"], refusal["address"]) == (0, "handover_open", SETUP)
    assert [(each.code, each.out) for each in changes] == [(4, "")] * 4
    for each in changes:
        assert f"chanplan state mv {SETUP} {SETUP} --to CONFIG" in each.said
    assert store_of(desk).load() == before


def test_an_address_that_was_taken_meanwhile_isnt_written_over(killed):
    """The command can be given again once it is free there."""
    desk = next(desk for desk in killed if store_of(desk).load().intents and not addresses(desk, THERE))
    theirs = replace(RECEIPTS_STATE, references=())
    SqliteStore(desk.folder / THERE).edit([PutResource(theirs)])

    refused = desk.run("state", "mv", SETUP, "--to", OTHER)
    renamed = desk.run("--config", OTHER, "state", "mv", "use_case.receipts", "use_case.theirs")
    ended = desk.run("state", "mv", SETUP, "--to", OTHER)

    assert (refused.code, renamed.code, ended.code) == (1, 0, 0)
    assert refused.err.startswith("Error: Workspace other has use_case.receipts already.")
    assert addresses(desk, THERE) == [*MOVED, "use_case.theirs"]


def test_another_target_has_to_wait(killed):
    """What was begun towards one workspace isn't ended towards another."""
    desk = next(desk for desk in killed if store_of(desk).load().intents)
    desk.write(other().replace("workspace: other", "workspace: third"), "third/chanplan.yaml")
    ended = desk.run("state", "mv", SETUP, "--to", "third/chanplan.yaml")

    assert (ended.code, ended.out) == (4, "")
    assert ended.err.startswith(
        f"Error: A `state mv` of {SETUP} and 2 more to workspace other was begun and hasn't ended."
    )
