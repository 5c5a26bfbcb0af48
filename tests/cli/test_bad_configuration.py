"""Bad configurations: every command that reads one names the place and what to do, and leaves everything alone."""

import pytest

from tests.cli.desk import EMAIL, Desk

HEAD = "version: 1\nworkspace: acme\n"
BOMB = f"{HEAD}tags:\n  a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"  {name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

# What is wrong, the files, the code, the place.
CASES = {
    "missing file": ({}, "file_missing", "chanplan.yaml:1:1"),
    "empty file": ({"chanplan.yaml": ""}, "empty_file", "chanplan.yaml:1:1"),
    "only comments": ({"chanplan.yaml": "# soon\n"}, "empty_file", "chanplan.yaml:1:1"),
    "binary file": ({"chanplan.yaml": b"PK\x03\x04\x00\x00\x08"}, "binary_file", "chanplan.yaml:1:5"),
    "a folder": ({"chanplan.yaml/inside": ""}, "not_a_file", "chanplan.yaml:1:1"),
    "not UTF-8": ({"chanplan.yaml": HEAD.encode() + b"# caf\xe9\n"}, "not_utf8", "chanplan.yaml:3:6"),
    "UTF-16": ({"chanplan.yaml": HEAD.encode("utf-16")}, "not_utf8", "chanplan.yaml:1:1"),
    "syntax error": ({"chanplan.yaml": f"{HEAD}tags: {{a: b\n"}, "yaml_syntax", "chanplan.yaml:4:1"),
    "tab": ({"chanplan.yaml": f"{HEAD}tags:\n\ta: b\n"}, "tab", "chanplan.yaml:4:1"),
    "duplicate key": ({"chanplan.yaml": f"{HEAD}workspace: b\n"}, "duplicate_key", "chanplan.yaml:3:1"),
    "unknown key": ({"chanplan.yaml": f"{HEAD}use_case: {{}}\n"}, "unknown_key", "chanplan.yaml:3:1"),
    "wrong type": (
        {"chanplan.yaml": f"{HEAD}safety: {{max_percent: many}}\n"},
        "wrong_type",
        "chanplan.yaml:3:23",
    ),
    "past its limit": (
        {"chanplan.yaml": EMAIL.replace("Order receipts", "x" * 3000)},
        "too_long",
        "chanplan.yaml:34:5",
    ),
    "several documents": (
        {"chanplan.yaml": f"{HEAD}---\nversion: 1\n"},
        "several_documents",
        "chanplan.yaml:3:1",
    ),
    "alias bomb": ({"chanplan.yaml": BOMB}, "alias_bomb", "chanplan.yaml:10:10"),
    "missing reference": (
        {"chanplan.yaml": EMAIL.replace("ses_setup: acme-mail", "ses_setup: acme-mial", 1)},
        "reference_missing",
        "chanplan.yaml:35:16",
    ),
    "include that loops": (
        {"chanplan.yaml": f'{HEAD}include: ["b.yaml"]\n', "b.yaml": 'include: ["chanplan.yaml"]\n'},
        "include_loop",
        "b.yaml:1:11",
    ),
    "include of nothing": (
        {"chanplan.yaml": f'{HEAD}include: ["tenants/*.yaml"]\n'},
        "include_matches_nothing",
        "chanplan.yaml:3:11",
    ),
    "missing environment variable": (
        {
            "chanplan.yaml": f'{HEAD}providers: {{twilio: {{default: {{account_sid: "${{env:TWILIO_ACCOUNT_SID}}"}}}}}}\n'
        },
        "environment_unset",
        "chanplan.yaml:3:45",
    ),
    "secret written out": (
        {
            "chanplan.yaml": f"{HEAD}providers:\n  twilio:\n    default:\n"
            "      account_sid: AC0123456789abcdef0123456789abcdef\n      auth_token: hunter2hunter2\n"
        },
        "secret_in_configuration",
        "chanplan.yaml:7:19",
    ),
    "sender domain mismatch": (
        {"chanplan.yaml": EMAIL.replace("receipts@mail.acme.example", "receipts@acme.example")},
        "sender_domain_mismatch",
        "chanplan.yaml:36:27",
    ),
    "configuration set names that collide": (
        {"chanplan.yaml": EMAIL.replace("name: Alerts", 'name: "receipts "')},
        "configuration_set_collision",
        "chanplan.yaml:41:11",
    ),
}


@pytest.mark.parametrize("files, code, place", CASES.values(), ids=CASES)
def test_validate_tells_the_place_and_what_to_do(desk: Desk, files, code, place):
    """One error with its code and place, a sentence that says what is wrong and one that says what to do."""
    put(desk, files)

    ended = desk.run("validate")
    told = ended.out.splitlines()
    at = next(number for number, text in enumerate(told) if ": error[" in text)
    head, remedy = told[at : at + 2]

    assert (ended.code, ended.err, ended.out.count(": error[")) == (1, "", 1)
    assert told[-1].startswith("1 error")
    assert head.startswith(f"{place}: error[{code}]: ")
    assert (head.endswith("."), remedy[:4], remedy[-1:] in {".", "?"}) == (True, "    ", True)


@pytest.mark.parametrize("files, code, place", CASES.values(), ids=CASES)
def test_no_command_begins_with_it(desk: Desk, files, code, place):
    """Applying fails before anything is read, made or written."""
    put(desk, files)
    before = desk.files()

    ended = desk.run("apply", "--auto-approve")

    assert (ended.code, ended.out, desk.files()) == (1, "", before)
    assert ended.err.startswith(f"{place}: error[{code}]: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan",),
        ("plan", "--format", "json"),
        ("destroy", "--auto-approve"),
        ("show", "use_case.receipts"),
        ("wait",),
        ("state", "list"),
        ("dns", "records"),
        ("dns", "check"),
    ],
    ids=" ".join,
)
def test_every_command_says_the_same(desk: Desk, arguments):
    """The problems go to standard error as `validate` would list them; nothing goes to standard output."""
    desk.write(f"{HEAD}use_case: {{}}\n")

    ended = desk.run(*arguments)

    assert (ended.code, ended.out, ended.err) == (1, "", desk.run("validate").out)


def test_all_problems_are_told_at_once(desk: Desk):
    """Nobody has to mend one to hear of the next."""
    desk.write(EMAIL.replace("@mail.acme.example", "@acme.example"))

    problems = desk.run("validate", "--format", "json").document["problems"]

    errors = [problem for problem in problems if problem["severity"] == "error"]
    assert [(problem["code"], problem["source"]["line"]) for problem in errors] == [
        ("sender_domain_mismatch", 36),
        ("sender_domain_mismatch", 44),
    ]


def test_warnings_are_told_beside_errors(desk: Desk):
    """Nobody has to mend the errors to hear of the warnings: `validate` tells both, in the order of their places."""
    desk.write(EMAIL.replace("receipts@mail.acme.example", "receipts@acme.example"))

    problems = desk.run("validate", "--format", "json").document["problems"]
    told = desk.run("validate").out

    assert [(problem["severity"], problem["code"], problem["source"]["line"]) for problem in problems] == [
        ("warning", "inbound_unrouted", 24),
        ("error", "sender_domain_mismatch", 36),
    ]
    assert told.splitlines()[-1] == "1 error, 1 warning."


def test_a_secret_that_was_written_out_is_not_repeated(desk: Desk):
    """Neither as text nor for machines."""
    put(desk, CASES["secret written out"][0])

    said = [desk.run("validate", "--format", form).said for form in ("text", "json", "github")]

    assert ["hunter2" in text for text in said] == [False, False, False]


def test_github_shows_problems_on_their_lines(desk: Desk):
    """One workflow command for each problem, its line breaks escaped."""
    desk.write(EMAIL.replace("receipts@mail.acme.example", "receipts@acme.example"))

    ended = desk.run("validate", "--format", "github")
    warning, line = ended.out.splitlines()

    assert (ended.code, warning.partition(" ")[0]) == (1, "::warning")
    assert line.startswith(
        "::error file=chanplan.yaml,line=36,col=27,title=sender_domain_mismatch::use_case.receipts "
    )
    assert "%0ASend from an address at mail.acme.example" in line


def test_a_warning_fails_nothing(desk: Desk):
    """A valid configuration exits with 0, whatever deserves a second look."""
    desk.write(EMAIL)

    ended = desk.run("validate", "--format", "json")

    assert (ended.code, ended.document["valid"], ended.err) == (0, True, "")


def put(desk, files):
    """Writes the files of a case."""
    for name, content in files.items():
        desk.write(content, name)
