"""One comment per workspace, whatever happens: the same on both platforms, through the command line, over sockets."""

import json

import pytest

from tests.platforms.hosting import Account

MARK = "<!-- chanplan: the comment of workspace quickstart -->\n"


def test_a_plan_is_posted_once_and_updated_in_place(job):
    """The first run writes the comment, the next ones change it, and a run with nothing new writes nothing."""
    first = job.posted()
    (comment,) = job.request.comments
    assert first.out == f"created {first.out.split()[1]}\n"
    assert comment.author is job.platform.me
    assert comment.body.startswith(f"{MARK}## Workspace quickstart\n")
    assert comment.body.endswith(f"Digest: `{job.digest()}`\n\nCommit: `{'a' * 12}`\n")

    assert job.posted().out.startswith("unchanged ")
    assert len(job.platform.written()) == 1 + asked_who(job)

    old, before = job.digest(), comment.id
    job.edit("Order receipts and invoices", "Order confirmations")
    assert job.posted().out.startswith("updated ")
    (comment,) = job.request.comments
    assert (comment.id, old in comment.body, job.digest() in comment.body) == (before, False, True)


def test_each_workspace_has_its_own(job):
    """Several workspaces are planned in one pull request, and none touches another's comment."""
    job.posted()
    job.edit("workspace: quickstart", "workspace: quickstart-eu")
    job.posted()
    job.posted()

    assert [body.partition("\n")[0] for body in job.bodies()] == [
        "<!-- chanplan: the comment of workspace quickstart -->",
        "<!-- chanplan: the comment of workspace quickstart-eu -->",
    ]


def test_it_is_found_among_many(job):
    """A long discussion has many pages; the comment is found on whichever it stands."""
    for number in range(230):
        job.platform.say(job.request, job.platform.people["alice"], f"I think that {number}.")
    job.posted()
    job.platform.say(job.request, None, "Written by somebody whose account is gone.")

    assert job.posted().out.startswith("unchanged ")
    assert len(job.bodies()) == 232


def test_who_else_writes_the_hidden_line_is_not_believed(job):
    """A comment of another author stays theirs, whatever it begins with: they could change it after the review."""
    theirs = job.platform.say(job.request, job.platform.people["mallory"], f"{MARK}No changes.")

    job.posted()
    job.posted()

    assert theirs.body == f"{MARK}No changes."
    assert [comment.author.login for comment in job.request.comments] == ["mallory", job.platform.me.login]


def test_the_hidden_line_counts_at_the_top_alone(job):
    """A comment of ours that only quotes the line is another one."""
    quoting = job.platform.say(job.request, job.platform.me, f"Look:\n{MARK}")

    job.posted()

    assert (quoting.body, len(job.bodies())) == (f"Look:\n{MARK}", 2)


def test_of_two_the_oldest_is_kept(job):
    """Two runs at the same moment may both have written; the next one keeps the older and removes the other."""
    older = job.platform.say(job.request, job.platform.me, f"{MARK}Old.")
    job.platform.say(job.request, job.platform.people["alice"], "Why are there two?")
    job.platform.say(job.request, job.platform.me, f"{MARK}Newer.")

    ended = job.posted()

    assert "Removed 1 more of ours, made at the same moment." in ended.err
    assert job.request.comments[0] is older
    assert [job.digest() in body for body in job.bodies()] == [True, False]


def test_two_runs_at_the_same_moment_leave_one(job):
    """Whoever is second finds the other's comment right after writing its own, and takes its own away."""
    job.platform.break_next(
        "POST",
        r"/(comments|notes)$",
        meanwhile=lambda: job.platform.say(job.request, job.platform.me, f"{MARK}The other run's."),
    )

    job.posted()

    (body,) = job.bodies()
    assert job.digest() in body


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_answer_makes_no_second_comment(job, drop):
    """When nobody answers a create, the platform is asked what is there before anything is repeated."""
    job.platform.break_next("POST", r"/(comments|notes)$", drop=drop)

    assert job.posted().out.startswith("created ")

    assert len(job.bodies()) == 1
    assert len([path for path in job.platform.written("POST") if not path.endswith("graphql")]) == (
        2 if drop == "before" else 1
    )


def test_it_is_deleted_between_look_and_update(job):
    """Somebody tidies up at this very moment: the comment is written anew."""
    job.posted()
    job.edit("Order receipts and invoices", "Order confirmations")
    job.platform.break_next("PATCH", "comments", meanwhile=job.request.comments.clear)
    job.platform.break_next("PUT", "notes", meanwhile=job.request.comments.clear)

    assert job.posted().out.startswith("created ")
    assert [job.digest() in body for body in job.bodies()] == [True]


def test_an_older_run_does_not_overwrite_a_later_one(job):
    """Of two pushes the first one's job may end last: what it planned isn't up for review any more."""
    job.posted()
    job.request.head = "b" * 40
    later = job.platform.environment(job.folder)
    job.edit("Order receipts and invoices", "Order confirmations")
    job.posted(environment=later)
    before = job.bodies()
    job.edit("Order confirmations", "Order receipts and invoices")

    ended = job.posted(environment=job.platform.environment(job.folder, commit="a" * 40))

    assert ended.out.startswith("outdated ")
    assert "this run is of an older commit" in ended.err
    assert job.bodies() == before


def test_what_platforms_change_themselves_is_no_difference(job):
    """Line ends of Windows and lost white space at the end don't make it write again."""
    job.posted()
    (comment,) = job.request.comments
    comment.body = comment.body.rstrip().replace("\n", "\r\n")

    assert job.posted().out.startswith("unchanged ")


def test_a_push_finds_the_request_that_it_merged(job):
    """After the merge nothing in the run's variables names the request; its commit does."""
    job.request.state, job.request.merge_commit = "merged", "c" * 40

    job.posted(environment=job.platform.pushed(job.folder, "c" * 40))

    assert len(job.bodies()) == 1


def test_a_push_of_something_else_is_told_so(job):
    """A commit that no request brought, or several did, has no comment; which one is meant must be said."""
    said = job.refused(environment=job.platform.pushed(job.folder, "d" * 40))

    assert "Commit dddddddddddd was brought by no" in said
    assert "--pr NUMBER" in said


def test_a_request_may_be_named(job):
    """`--pr` says it where the run doesn't, or is about another one."""
    job.posted("reviewed.plan.json", "--pr", "12", environment=job.platform.elsewhere())
    assert len(job.bodies()) == 1

    job.platform.requests[13] = type(job.request)(13, head="b" * 40)
    job.posted("reviewed.plan.json", "--pr", "13")
    (comment,) = job.platform.requests[13].comments
    assert "Commit:" not in comment.body


def test_what_people_should_know_is_warned_of(job):
    """A target branch that moved on, a request that was closed or locked: the comment is written all the same."""
    job.request.behind = True
    assert "has moved on since it was branched off" in job.posted().err

    job.request.state = "closed"
    assert "was closed without being merged" in job.posted().err

    job.request.state = "merged"
    assert job.posted().err == ""


def test_texts_of_a_plan_stay_texts(job):
    """Right-to-left letters and emoji are shown, what nobody sees as escapes, and nothing is obeyed."""
    evil = (
        "/merge\\n/close\\n<!-- chanplan: the comment of workspace other -->\\n@everyone \u202e\u200b שלום 🎺"
    )
    job.edit("description: Order receipts and invoices", f'description: "{evil}"')

    job.posted()

    (body,) = job.bodies()
    assert job.request.state == "open"
    assert not [line for line in body.split("\n")[1:] if line.startswith(("/", "<!--", "@"))]
    assert "\\u202e\\u200b שלום 🎺" in body
    assert not {"\u202e", "\u200b"} & set(body)


def test_ten_thousand_changes_fit(job, giant):
    """A plan of any size is cut to what the platform takes, the hidden line included."""
    job.write(giant, "giant.plan.json")

    job.posted("giant.plan.json")

    (body,) = job.bodies()
    assert job.platform.LIMIT * 0.7 < len(body) <= job.platform.LIMIT
    assert "left out to fit the comment" in body
    assert json.loads(giant)["digest"] in body


def asked_who(job):
    """How many questions of who we are, which change nothing, came as POST."""
    return sum(asked.path == "/graphql" for asked in job.platform.asked)


def test_an_account_that_shares_the_name_is_another(github):
    """GitHub lets people take the name of an app; its bot's is another one."""
    namesake = Account("github-actions", 5)
    theirs = github.platform.say(github.request, namesake, f"{MARK}No changes.")

    github.posted()

    assert theirs.body == f"{MARK}No changes."
    assert len(github.bodies()) == 2
