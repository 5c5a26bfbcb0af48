"""`tiers status`, `evaluate`, `apply`, `approve`, `suspend`, `history`, `stop-tenant` and `start-tenant`, as they are typed, on the
sandbox: real SDK calls over real sockets, and a clock that moves a fortnight in no time."""

import json
import shutil

import pytest

from chanplan.stores.sqlite.store import SqliteStore
from tests.cli.desk import EMAIL, SETUP, Desk

ALERTS, OFFERS, RECEIPTS = "use_case.alerts", "use_case.offers", "use_case.receipts"
CONFIGURATION = (
    EMAIL.replace(
        "tiers: [onboarding, standard, premium]\n    scaling: managed",
        "tiers: [onboarding]\n    scaling: managed",
        1,
    )
    .replace(
        "  marketing:\n",
        "  proven:\n    pool_name: acme-proven\n    family: transactional\n    tiers: [standard, premium]\n"
        "    scaling: managed\n  marketing:\n",
        1,
    )
    .rstrip("\n")
    + """
  offers:
    channel: email
    entity_name: Acme
    name: Offers
    ses_setup: acme-mail
    sender_email_address: offers@mail.acme.example
    email_type: marketing
"""
)


@pytest.fixture(scope="session")
def judged_once(tmp_path_factory):
    """A workspace of three weeks: receipts earned standard, offers bounced, alerts sent little."""
    desk = Desk(tmp_path_factory.mktemp("judged"))
    desk.write(CONFIGURATION)
    assert desk.run("--sandbox", "apply", "--auto-approve").code == 3
    for command in (
        ("sandbox", "publish", "--all"),
        ("--sandbox", "apply", "--auto-approve"),
        ("sandbox", "clock", "504h"),
        ("sandbox", "metrics", "vdm", "on"),
        ("sandbox", "metrics", "set", RECEIPTS, "--sends", "500", "--bounces", "3", "--days", "16"),
        ("sandbox", "metrics", "set", OFFERS, "--sends", "500", "--bounces", "45", "--days", "5"),
        ("sandbox", "metrics", "set", ALERTS, "--sends", "20", "--days", "5"),
    ):
        assert desk.run(*command).code == 0
    return desk.folder


@pytest.fixture
def judged(tmp_path, judged_once):
    """A copy of it."""
    shutil.copytree(judged_once, tmp_path, dirs_exist_ok=True)
    return Desk(tmp_path)


def tiers(desk: Desk, *arguments, **more):
    """Runs a command of tiers on the sandbox."""
    return desk.run("--sandbox", "tiers", *arguments, **more)


def standing(desk: Desk):
    """Gives tier and pool of each use case, as `show` tells senders."""
    told = {}
    for address in (ALERTS, OFFERS, RECEIPTS):
        shown = desk.run("state", "show", address, "--format", "json").document
        told[address] = (shown["tier"], shown["sending_pool"], shown["daily_capacity"])
    return told


def test_status_is_a_table_with_what_each_lacks(judged: Desk):
    """Each use case with its volume, rates and bars, and what the next run does with it or what it waits for."""
    ended = tiers(judged, "status")

    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == "3 email use cases: 3 onboarding, 0 standard, 0 premium, 0 suspended"
    assert lines[1].endswith("with 8 calls. Mail told by ses_vdm (3).")
    rows = {line.split()[0]: line.split()[3:] for line in lines if line.startswith("use_case.")}
    assert rows[ALERTS] == ["100", "too", "few", "0", "%", "too", "few", "0", "%", "1,000"]
    assert rows[OFFERS] == ["2,500", "######|####", "9.0", "%", "...|.......", "0", "%", "1,000"]
    assert rows[RECEIPTS] == ["3,500", "#.....|....", "0.6", "%", "...|.......", "0", "%", "1,000"]
    assert "Standard on " in ended.said
    assert "The next run suspends it: 9.0 % of 2,500 mails bounced" in ended.said
    assert "The next run promotes it to standard: 7,000 mails on 14 days" in ended.said


def test_status_of_one_says_all_that_stands_before_its_promotion(judged: Desk):
    """Every reason, every window with its limits, the pool, the tenant and the source."""
    ended = tiers(judged, "status", ALERTS)

    assert ended.code == 0
    assert ended.out.startswith(f"{ALERTS}: onboarding since ")
    for said in (
        "All that stands before standard:",
        "- too_few_sending_days: It sent on 5 days since ",
        "- too_few_sends: It sent 100 mails since ",
        "pool acme-transactional",
        "tenant impact none; no open finding",
        "mail told by ses_vdm",
        "bounces 0 of 100, 0 % (0 to 3.7 %); limit 2 %",
    ):
        assert said in ended.said
    assert tiers(judged, "status", "--tier", "premium").out.endswith("No use case is premium.\n")


def test_status_for_programs(judged: Desk):
    """Everything, with the evidence as numbers."""
    told = tiers(judged, "status", "--format", "json").document

    assert set(told) == {"at", "calls", "problems", "use_cases"}
    offers = next(each for each in told["use_cases"] if each["address"] == OFFERS)
    assert (offers["decision"]["action"], offers["decision"]["to"]) == ("suspend", "suspended")
    assert offers["evidence"]["windows"]["suspend"]["bounces"] | {"low": 0, "high": 0} == {
        "count": 225,
        "of": 2500,
        "percent": 9.0,
        "low": 0,
        "high": 0,
    }
    assert [each["daily_capacity"] for each in told["use_cases"]] == [1000, 1000, 1000]


def test_evaluate_changes_nothing_and_says_so_by_its_exit_code(judged: Desk):
    """The plan in all three forms; 2 where something would move."""
    before = standing(judged)

    text = tiers(judged, "evaluate")
    document = tiers(judged, "evaluate", "--format", "json", "--detailed-exitcode")
    markdown = tiers(judged, "evaluate", "--format", "markdown", "--comment-limit", "4000")

    assert (text.code, document.code, markdown.code) == (0, 2, 0)
    assert "Tiers: 1 to promote, 1 to suspend; 1 kept." in text.out
    assert f"1 too_few_sending_days: {ALERTS}, onboarding." in text.out
    assert "`chanplan tiers apply --expect DIGEST` does this and nothing else." in text.out
    told = document.document
    assert told["tiers"] is True
    assert [each["tier_move"]["action"] for each in told["resource_changes"]] == ["suspend", "promote"]
    assert [each["address"] for each in told["review"]["use_cases"]] == [ALERTS, OFFERS, RECEIPTS]
    assert markdown.out.startswith("## Tiers of workspace quickstart\n")
    assert len(markdown.out.encode()) <= 4000
    assert f"Digest: `{told['digest']}`\n" in markdown.out
    assert standing(judged) == before


def test_v_lists_who_stays_one_by_one(judged: Desk):
    """Each with its tier and its reason."""
    ended = judged.run("-v", "--sandbox", "tiers", "evaluate")

    assert f"{ALERTS} (onboarding), too_few_sending_days: It sent on 5 days" in ended.said


def test_apply_moves_and_the_next_run_has_nothing_to_do(judged: Desk):
    """Each use case goes to its pool, the history tells why, and nothing moves twice."""
    ended = tiers(judged, "apply", "--auto-approve")

    assert ended.code == 0
    assert f"{OFFERS} suspended: onboarding -> suspended" in ended.out
    assert f"{RECEIPTS} promoted: onboarding -> standard" in ended.out
    assert standing(judged) == {
        ALERTS: ("onboarding", "acme-transactional", 1000),
        OFFERS: ("suspended", "ses-shared-pool", None),
        RECEIPTS: ("standard", "acme-proven", 10_000),
    }
    again = tiers(judged, "apply", "--auto-approve", "--format", "jsonl")
    last = json.loads(again.out.splitlines()[-1])
    assert (last["type"], last["result"], last["exit_code"], last["counts"]["updated"]) == (
        "outcome",
        "done",
        0,
        0,
    )
    history = tiers(judged, "history", OFFERS)
    assert history.out.startswith(f"{OFFERS} is at suspended\n")
    assert "onboarding -> suspended" in history.out
    assert "bounces 225 of 2,500, 9.0 % (7.9 to 10 %)" in history.said
    moves = tiers(judged, "history", RECEIPTS, "--format", "json").document
    assert [each["action"] for each in moves["moves"]] == ["promote"]


def test_what_was_reviewed_is_what_moves(judged: Desk):
    """A digest or a saved plan; what isn't in it stays, and another digest is refused."""
    digest = tiers(judged, "evaluate", "--target", OFFERS, "--format", "json").document["digest"]

    wrong = tiers(judged, "apply", "--expect", "sha256:" + "0" * 64)
    saved = tiers(judged, "evaluate", "--target", OFFERS, "--out", "tiers.plan.json")
    shown = judged.run("--sandbox", "show", "tiers.plan.json")
    ended = tiers(judged, "apply", "tiers.plan.json")

    assert (wrong.code, saved.code, shown.code, ended.code) == (4, 0, 0, 0)
    assert "digest_mismatch" in wrong.err
    assert digest in shown.out
    assert {address: tier for address, (tier, *_) in standing(judged).items()} == {
        ALERTS: "onboarding",
        OFFERS: "suspended",
        RECEIPTS: "onboarding",
    }


def test_plans_of_one_kind_are_no_plans_of_the_other(judged: Desk):
    """Each command names the one that the file is for."""
    tiers(judged, "evaluate", "--out", "tiers.plan.json")
    judged.run("--sandbox", "plan", "--out", "plan.json")

    moves = judged.run("--sandbox", "apply", "tiers.plan.json")
    resources = tiers(judged, "apply", "plan.json")

    assert (moves.code, resources.code) == (1, 1)
    assert "Run: chanplan tiers apply tiers.plan.json" in moves.err
    assert "Run: chanplan apply plan.json" in resources.err


def test_an_operator_suspends_and_lets_go(judged: Desk):
    """Now, with a reason that everybody sees; back at onboarding once somebody approves."""
    suspended = tiers(
        judged, "suspend", RECEIPTS, "--reason", "CH-118: the list was bought", "--auto-approve"
    )
    again = tiers(judged, "suspend", RECEIPTS, "--reason", "again", "--auto-approve")
    told = tiers(judged, "history", RECEIPTS)
    left = tiers(judged, "apply", "--auto-approve", "--target", RECEIPTS)
    approved = tiers(judged, "approve", RECEIPTS, "--auto-approve")
    twice = tiers(judged, "approve", RECEIPTS, "--auto-approve")

    assert [each.code for each in (suspended, again, told, left, approved, twice)] == [0] * 6
    assert f"{RECEIPTS} suspended: onboarding -> suspended" in suspended.out
    assert "is suspended already" in again.err
    assert "An operator suspended it: CH-118: the list was bought (operator)" in told.out
    assert "asked for by " in told.out
    assert "nothing to do" in left.out
    assert f"{RECEIPTS} reinstated: suspended -> onboarding" in approved.out
    assert "isn't suspended: it is at onboarding" in twice.err


def test_an_approval_doesn_t_hold_while_the_figures_would_suspend_it_again(judged: Desk):
    """Refused (4), with what to wait for."""
    tiers(judged, "apply", "--auto-approve")

    ended = tiers(judged, "approve", OFFERS, "--auto-approve")

    assert ended.code == 4
    assert "9.0 % of 2,500 mails bounced" in ended.said
    assert standing(judged)[OFFERS][0] == "suspended"


def test_a_tenant_is_stopped_and_started_by_nothing_else(judged: Desk):
    """No tier implies it, and none is changed by it."""
    before = standing(judged)

    stopped = tiers(judged, "stop-tenant", SETUP, "--reason", "CH-7: credentials leaked", "--auto-approve")
    planned = judged.run("--sandbox", "plan")
    shown = tiers(judged, "status", ALERTS)
    started = tiers(judged, "start-tenant", SETUP, "--reason", "CH-7: new credentials", "--auto-approve")

    assert [each.code for each in (stopped, planned, shown, started)] == [0] * 4
    assert f"{SETUP} stopped: its tenant sends nothing" in stopped.out
    assert OFFERS in stopped.err
    assert "No changes." in planned.out
    assert "its sending was stopped by hand" in shown.out
    assert f"{SETUP} started: its tenant sends again" in started.out
    assert standing(judged) == before


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("status", "use_case.offer"), "use_case.offer isn't in the state. Did you mean use_case.offers?"),
        (("history", "use_case.alert"), "Did you mean use_case.alerts?"),
        (("evaluate", "--target", "use_case.offer"), "Did you mean use_case.offers?"),
        (("approve", "use_case.offer", "--auto-approve"), "Did you mean use_case.offers?"),
        (("approve", SETUP, "--auto-approve"), f"{SETUP} has no tier: only email use cases that are made have one."),
        (("suspend", SETUP, "--reason", "x", "--auto-approve"), f"{SETUP} has no tier"),
        (("suspend", ALERTS, "--auto-approve"), "Missing option '--reason'"),
        (("suspend", ALERTS, "--reason", " ", "--auto-approve"), "The reason is empty."),
        (("suspend", ALERTS, "--reason", "x" * 201, "--auto-approve"), "The reason has 201 characters."),
        (("suspend", ALERTS, "--reason", "a\x1b[2Jb", "--auto-approve"), "holds the character U+001B, which doesn't show"),
        (("suspend", ALERTS, "--reason", "x"), "`tiers suspend` can't ask here, since there is no terminal."),
        (("stop-tenant", ALERTS, "--reason", "x", "--auto-approve"), f"{ALERTS} has no tenant"),
        (("stop-tenant", "ses_setup.acme-mial", "--reason", "x", "--auto-approve"), f"Did you mean {SETUP}?"),
        (("start-tenant", SETUP), "Missing option '--reason'"),
        (("status", "offers"), "'offers' isn't an address"),
        (("apply",), "Add `--auto-approve`, `--expect DIGEST` or a plan file."),
        (("apply", "x.json", "--target", ALERTS), "A plan file says itself what is done"),
        (("evaluate", "--comment-limit", "5000"), "--comment-limit cuts Markdown: add --format markdown."),
        (("status", "--tier", "gold"), "'gold' is not one of"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_what_was_meant(judged: Desk, arguments, said):
    """One error, exit code 1, nothing done."""
    before = judged.run("state", "pull").out

    ended = tiers(judged, *arguments)

    assert (ended.code, ended.out) == (1, "")
    assert said in ended.said
    assert judged.run("state", "pull").out == before


@pytest.mark.parametrize(
    "breaking, said",
    [
        (("sandbox", "metrics", "vdm", "off"), "Virtual Deliverability Manager"),
        (("sandbox", "metrics", "refuse", OFFERS, "--code", "ACCESS_DENIED"), "ses:BatchGetMetricData"),
    ],
    ids=["VDM is off", "access denied"],
)
def test_mail_that_can_t_be_asked_about_moves_nothing_and_is_told(judged: Desk, breaking, said):
    """The use case stays, with a warning that says what to do; a daily run doesn't fail of it."""
    assert judged.run(*breaking).code == 0

    shown = tiers(judged, "status", OFFERS)
    applied = tiers(judged, "apply", "--auto-approve", "--target", OFFERS)

    assert (shown.code, applied.code) == (0, 0)
    assert said in shown.said
    assert said in applied.said
    assert "No metrics could be read" in shown.said
    assert standing(judged)[OFFERS][0] == "onboarding"


def test_a_daily_run_that_asks_in_vain_can_fail_of_it(judged: Desk):
    """With `--require-evidence` it ends with 1, and what is known moves all the same. VDM that is off is no failure of a run."""
    assert judged.run("sandbox", "metrics", "refuse", OFFERS, "--code", "ACCESS_DENIED").code == 0

    shown = tiers(judged, "evaluate", "--require-evidence", "--format", "json")
    applied = tiers(judged, "apply", "--auto-approve", "--require-evidence", "--format", "jsonl")

    assert (shown.code, applied.code) == (1, 1)
    told = {each["code"]: each["severity"] for each in shown.document["diagnostics"]}
    assert told["metrics_denied"] == "error"
    last = json.loads(applied.out.splitlines()[-1])
    assert (last["result"], [each["code"] for each in last["problems"]]) == ("failed", ["metrics_denied"])
    assert [(each["address"], each["action"]) for each in last["moves"]] == [(RECEIPTS, "promote")]
    assert last["moves"][0]["sentence"] in " ".join(applied.err.split())

    assert judged.run("sandbox", "metrics", "vdm", "off").code == 0
    assert tiers(judged, "evaluate", "--require-evidence").code == 0


def test_a_clock_behind_the_last_decision_decides_nothing(judged: Desk):
    """Neither a promotion nor a suspension is judged on a day that is over."""
    tiers(judged, "apply", "--auto-approve", "--target", ALERTS)
    nowhere = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }

    # Without --sandbox it is the machine's own time again, three weeks earlier.
    ended = judged.run("tiers", "status", ALERTS, **nowhere)

    assert ended.code == 0
    assert "couldn't be asked for mail and reputation" in ended.said
    assert "The last decision is of " in ended.said


def test_a_suspension_told_line_by_line(judged: Desk):
    """For programs, as `apply --format jsonl` does it."""
    ended = tiers(judged, "suspend", ALERTS, "--reason", "CH-1", "--auto-approve", "--format", "jsonl")

    lines = [json.loads(line) for line in ended.out.splitlines()]
    assert lines[0]["type"] == "version"
    assert lines[-1]["counts"]["updated"] == 1
    assert standing(judged)[ALERTS][0] == "suspended"


def test_a_locked_workspace_is_left_alone(judged: Desk):
    """Exit code 5, and who holds it."""
    store = SqliteStore(judged.folder / "state" / "chanplan.db")
    with store.lock("ann@laptop", "apply", 0.0):
        ended = tiers(judged, "apply", "--auto-approve")
        looked = tiers(judged, "status")

    assert (ended.code, looked.code) == (5, 0)
    assert "ann@laptop" in ended.err
