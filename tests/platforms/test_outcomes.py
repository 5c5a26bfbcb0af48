"""The comment after an apply: what was refused, failed, waits and was done, as the lines of the run tell it."""

import json

import pytest
from markdown_it import MarkdownIt

MARK = "<!-- chanplan: the comment of workspace quickstart -->\n"
VERSION = {"type": "version", "format_version": "1.0", "chanplan_version": "0.1.0"}
GATE = {
    "kind": "dns_verified",
    "on": "ses_setup.acme-mail",
    "state": "pending",
    "since": None,
    "deadline": None,
    "detail": "SES hasn't seen the records yet.",
    "todo": ["Publish the 7 records: chanplan dns records ses_setup.acme-mail"],
}
OUTCOME = {
    "type": "outcome",
    "message": "Apply: 2 created, 1 failed, 2 waiting.",
    "result": "failed",
    "exit_code": 1,
    "digest": "sha256:remainder",
    "approval": {"digest": "sha256:abc", "steps": 5, "done": 3},
    "counts": {"created": 2},
    "gates": [GATE],
    "problems": [
        {
            "address": "use_case.alerts",
            "code": "quota",
            "problem": "SES has no room.\nIt said so.",
            "remedy": "Ask for more:\n  aws service-quotas …",
            "half": "create",
        }
    ],
    "refusals": [],
}


def lines(*entries):
    """Writes lines as an apply does."""
    return "".join(json.dumps({"at": "2026-11-29T12:00:00Z", **entry}) + "\n" for entry in entries)


def done(*addresses, half="create"):
    """Lines that tell that steps are done."""
    return [{"type": "step_done", "address": address, "half": half, "seconds": 0.1} for address in addresses]


def test_an_outcome_replaces_the_plan_in_the_same_comment(job):
    """What needs somebody comes first, then what was done, then the plan that was reviewed, folded."""
    job.posted()
    shown = job.bodies()[0].removeprefix(MARK).removesuffix(f"\nCommit: `{'a' * 12}`\n")
    job.write(
        lines(VERSION, *done("sending_pool.marketing", "ses_setup.acme-mail"), OUTCOME), "outcome.jsonl"
    )

    assert job.posted("reviewed.plan.json", "--outcome", "outcome.jsonl").out.startswith("updated ")

    (body,) = job.bodies()
    assert body == (
        f"{MARK}"
        "## Workspace quickstart\n\n"
        "**Not everything could be applied.** Apply: 2 created, 1 failed, 2 waiting.\n\n"
        "The next run tries again what failed, and does nothing twice.\n\n"
        "Of 5 approved steps, 3 are done by now.\n\n"
        "### Failed\n\n"
        "- `use_case.alerts` `quota`: SES has no room. It said so.\n"
        "  - What to do: Ask for more:\n\n"
        "    ```\n      aws service-quotas …\n    ```\n\n"
        "### Waits for\n\n"
        "- `dns_verified` of `ses_setup.acme-mail`: pending\n"
        "  - SES hasn't seen the records yet.\n"
        "  - To do:\n"
        "    1. Publish the 7 records: chanplan dns records ses\\_setup.acme-mail\n\n"
        "### Done (2)\n\n"
        "- `sending_pool.marketing` created\n"
        "- `ses_setup.acme-mail` created\n\n"
        f"<details>\n<summary>The plan that was reviewed</summary>\n\n{shown}\n</details>\n\n"
        "Approved: `sha256:abc`\n"
    )


def test_an_outcome_without_the_plan(job):
    """The workspace is then that of the configuration."""
    finished = {**OUTCOME, "message": "Apply: 1 deleted.", "result": "done", "gates": [], "problems": []}
    job.write(lines(VERSION, *done("use_case.old", half="delete"), finished), "outcome.jsonl")

    job.posted("--outcome", "outcome.jsonl")

    assert job.bodies() == [
        f"{MARK}## Workspace quickstart\n\n**Applied.** Apply: 1 deleted.\n\n"
        "Of 5 approved steps, 3 are done by now.\n\n### Done (1)\n\n- `use_case.old` deleted\n\nApproved: `sha256:abc`\n"
    ]


def test_a_run_that_was_killed_tells_what_it_had_done(job):
    """Its last line is missing, or cut in the middle, and the comment says so instead of guessing."""
    whole = lines(VERSION, *done("sending_pool.marketing", "ses_setup.acme-mail"))
    job.write(whole[:-30], "outcome.jsonl")

    job.posted("--outcome", "outcome.jsonl")

    (body,) = job.bodies()
    assert "**The apply ended without telling how.**" in body
    assert "### Done (1)\n\n- `sending_pool.marketing` created\n" in body
    assert "Approved" not in body


def test_an_error_before_the_outcome(job):
    """A run that an error ended has neither counts nor digest."""
    broken = {"address": None, "code": "locked", "problem": "The workspace is locked.", "remedy": "Wait."}
    ended = {
        **OUTCOME,
        "result": "error",
        "approval": None,
        "counts": None,
        "gates": [],
        "problems": [broken],
    }
    job.write(lines(VERSION, ended), "outcome.jsonl")

    job.posted("--outcome", "outcome.jsonl")

    (body,) = job.bodies()
    assert "**The apply ended with an error.**" in body
    assert "- `locked`: The workspace is locked.\n  - What to do: Wait.\n" in body


def test_ten_thousand_steps_fit(job):
    """Problems come before what went well, and the plan below is there when room is left."""
    failed = [
        {"address": f"use_case.c{n}", "code": "quota", "problem": "No room. " * 9, "remedy": "Ask for more."}
        for n in range(1_000)
    ]
    job.write(
        lines(
            VERSION,
            *done(*(f"ses_setup.c{n}" for n in range(9_000))),
            {**OUTCOME, "gates": [GATE] * 2_000, "problems": failed},
        ),
        "outcome.jsonl",
    )

    job.posted("reviewed.plan.json", "--outcome", "outcome.jsonl")

    (body,) = job.bodies()
    assert len(body.encode()) <= job.platform.LIMIT
    assert "- `use_case.c0` `quota`" in body
    assert body.count("<details>") == body.count("</details>")
    assert ("The plan that was reviewed" in body) == (job.platform.LIMIT > 100_000)
    assert ("left out to fit the comment: the log has everything" in body) == (job.platform.LIMIT < 100_000)
    assert body.endswith("Approved: `sha256:abc`\n")


def test_a_giant_leaves_room_for_the_others(github):
    """A message of a service that fills a comment alone is left out, and what else failed is told."""
    giant = {"address": "use_case.a", "code": "x", "problem": "x" * 70_000, "remedy": ""}
    small = {"address": "use_case.b", "code": "quota", "problem": "No room.", "remedy": ""}
    github.write(lines(VERSION, {**OUTCOME, "problems": [giant, small]}), "outcome.jsonl")

    github.posted("--outcome", "outcome.jsonl")

    (body,) = github.bodies()
    assert "- `use_case.b` `quota`: No room.\n" in body
    assert "_1 entry left out to fit the comment: the log has everything._" in body


def test_hostile_words_stay_words(job):
    """What services and people wrote can't close the request, call somebody, run on, or pass for another comment."""
    evil = (
        "/merge\n/close\n<!-- chanplan: the comment of workspace other -->\n@everyone </details> ```\n"
        "[x](https://evil.example) \u202e\x1b[31m\u200b"
    )
    job.write(
        lines(
            VERSION,
            *done(evil),
            {
                **OUTCOME,
                "message": evil,
                "result": evil,
                "approval": {"digest": evil, "steps": 1, "done": 1},
                "gates": [{**GATE, "kind": evil, "on": evil, "state": evil, "detail": evil, "todo": [evil]}],
                "problems": [{"address": evil, "code": evil, "problem": evil, "remedy": evil}],
                "refusals": [{"address": evil, "code": evil, "problem": evil, "remedy": evil}],
            },
        ),
        "outcome.jsonl",
    )

    job.posted("--outcome", "outcome.jsonl", "--workspace", evil)

    (body,) = job.bodies()
    assert job.request.state == "open"
    assert body.startswith(
        "<!-- chanplan: the comment of workspace %2Fmerge%0A%2Fclose%0A%3C%21-%2D%20chanplan"
    )
    begins = {line[:2] for line in body.split("\n")[1:] if line.strip()}
    assert begins == {"##", "**", "- ", "  ", "Of", "Ap"}
    shown = list(walked(MarkdownIt("commonmark").parse(body)))
    assert [token.content for token in shown if token.type.startswith(("html", "link", "image"))] == [
        body.partition("\n")[0] + "\n"
    ]
    assert not [token.content for token in shown if token.type == "text" and "@everyone" in token.content]
    for character in "\u202e\x1b\u200b":
        assert character not in body


def walked(tokens):
    """Gives the tokens of a text with those inside them."""
    for token in tokens:
        yield token
        yield from walked(token.children or ())


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "doesn't begin with a line of type `version`"),
        (b"Apply: 1 created.\n", "has something else than JSON on line 1"),
        (b"[]\n", "has something else than an object on line 1"),
        (b'{"type": "version", "format_version": "2.0"}\n', "isn't of version 1 of the lines"),
        (b'{"type": "version"}\n', "isn't of version 1 of the lines"),
        (lines(VERSION).encode() + b"\xff\n", "has something else than JSON on line 2"),
        (lines(VERSION, {**OUTCOME, "gates": "none"}).encode(), "has a `gates` that isn't a list of objects"),
        (lines(VERSION, {**OUTCOME, "message": 7}).encode(), "has a `message` that isn't a text"),
        (
            lines(VERSION, {**OUTCOME, "gates": [{**GATE, "todo": [1]}]}).encode(),
            "has a `todo` that isn't a list",
        ),
        (
            lines(VERSION, {**OUTCOME, "approval": {"digest": "", "steps": 1, "done": 2}}).encode(),
            "has an `approval` whose steps aren't numbers that fit",
        ),
        (b"[" * 100_000 + b"\n", "has something else than JSON on line 1"),
    ],
    ids=range(11),
)
def test_lines_that_no_apply_wrote(github, content, said):
    """The file was in somebody's hands: what isn't as documented is told with its line, and nothing is posted."""
    github.write(content, "outcome.jsonl")

    assert f"outcome.jsonl {said}" in github.refused("--outcome", "outcome.jsonl")
    assert github.platform.written() == []
