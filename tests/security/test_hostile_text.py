"""Text that anybody wrote (a pull request, the customer's DNS, a server) in everything that is printed."""

import csv
import io
import json
import re
import unicodedata
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from chanplan.model.records import DnsRecord, Purpose, RecordType
from chanplan.render.escapes import json_on_one_line, json_text, visible
from chanplan.render.zone_lines import records_bind, records_csv
from chanplan.sandbox.dns.records import ZoneRecord
from tests.cli.desk import EMAIL, SETUP, SandboxedDesk

TRICKS = (
    "\x1b[31mred\x1b]8;;https://evil.example\x07 \x9b2J \x7f\b\r\n::error::forged ::add-mask::a ##[add-mask]b ##vso[task.c]"
    " \u202egpj.exe \u2066x\u2069 \u200bzero\u200d\ufeff\u00ad\u2060 \u2028 \U000e0041 \u3164"
    " @everyone #1 <script>alert(1)</script> ![i](https://evil.example/i.png) | `x` ``` =cmd|' /C calc'!A0"
)


def yaml(text):
    """Write a text as a YAML scalar in double quotes, whatever it holds."""
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\U{ord(c):08x}" for c in text) + '"'


def hostile_workspace():
    """The email workspace, with tricks in every field that takes text, and in the name of a file."""
    text = re.sub(r"(description: ).*", lambda match: match[1] + yaml(TRICKS), EMAIL)
    assert yaml(TRICKS) in text
    return text + f"acknowledge: [{{address: use_case.receipts, action: delete, reason: {yaml(TRICKS)}}}]\n"


COLOURS = re.compile(r"\x1b\[[0-9;]*m")
MOVES = re.compile(r"\x1b\[(\?25[hl]|[0-9]*[AKGH]|2K)")
"""What the live display writes to move about."""


def tricks_in(text, *, terminal=False):
    """Give what would play a trick: characters that don't show, and lines that a CI system obeys."""
    if terminal:
        text = MOVES.sub("", COLOURS.sub("", text)).replace("\r", "")
    hidden = {
        f"U+{ord(c):04X}"
        for c in text
        if c != "\n" and (unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} or c == "\u3164")
    }
    obeyed = [
        line for line in text.splitlines() if line.strip().startswith("::") or re.search(r"##\w*\[", line)
    ]
    return sorted(hidden), obeyed


COMMANDS = [
    ("validate",),
    ("validate", "--format", "json"),
    ("plan",),
    ("plan", "--format", "json"),
    ("plan", "--format", "markdown", "--out", "saved.plan.json"),
    ("show", "saved.plan.json"),
    ("show", "saved.plan.json", "--format", "json"),
    ("show", "saved.plan.json", "--format", "markdown"),
    ("-v", "discover"),
    ("discover", "--format", "json"),
    ("discover", "--format", "yaml"),
    ("-v", "apply", "--auto-approve"),
    ("apply", "--auto-approve", "--format", "jsonl"),
    ("state", "list"),
    ("state", "list", "--format", "json"),
    ("state", "show", "use_case.receipts"),
    ("state", "show", "use_case.receipts", "--format", "json"),
    ("show", SETUP),
    ("show", SETUP, "--format", "json"),
    ("show", "use_case.receipts"),
    ("dns", "records"),
    ("dns", "records", "--format", "json"),
    ("dns", "records", "--format", "csv"),
    ("dns", "records", "--format", "bind"),
    ("dns", "check"),
    ("dns", "check", "--format", "json"),
    ("wait", "--timeout", "1s"),
    ("plan", "--destroy"),
    ("destroy", "--auto-approve", "--allow-delete", "all"),
]


@pytest.mark.parametrize("terminal", [False, True])
def test_no_command_plays_a_trick(finished: SandboxedDesk, terminal: bool):
    """Descriptions, tags, reasons, file names and what stands in the customer's DNS are all shown as text."""
    finished.write(hostile_workspace())
    finished.run("plan")
    finished.controls.publish(
        [
            ZoneRecord(
                "mail.acme.example", "TXT", "v=spf1 include:\x1b[31m\u202e.evil.example ::error::x ##[group]y"
            ),
            ZoneRecord("_dmarc.mail.acme.example", "TXT", "v=DMARC1; p=\x1b]0;title\x07\r\n::error::forged"),
        ]
    )

    said = {command: finished.run(*command, terminal=terminal) for command in COMMANDS}

    assert {
        command: tricks
        for command, ended in said.items()
        if (tricks := tricks_in(ended.out + ended.err, terminal=terminal)) != ([], [])
    } == {}
    assert {command: ended.code for command, ended in said.items() if ended.code not in {0, 3}} == {}


BAD = ["--config", "there is no\n::error::file\x1b[2J\u202e.yaml"]


@pytest.mark.parametrize(
    "arguments",
    [
        [*BAD, "validate"],
        [*BAD, "validate", "--format", "json"],
        [*BAD, "validate", "--format", "github"],
        [*BAD, "plan"],
        [*BAD, "-v", "plan"],
        ["show", "\x1b[2J\u202e\n::error::x"],
        ["state", "show", "use_case.\x1b[2J"],
        ["apply", "\u202e\n::error::x.plan.json"],
        ["plan", "--target", "\x1b\u202e\n::error::x"],
        ["plan", "--out", "missing\x1b\u202e/x"],
        ["\x1b\u202e\n::error::x"],
        ["--\x1b\u202e\n::error::x"],
        ["wait", "--for", "\u200b\n::error::x"],
        ["apply", "--expect", "\u200b\n::error::x"],
        ["--config", "new\x1b\u202e.yaml", "init"],
    ],
)
def test_no_argument_plays_a_trick(sandboxed: SandboxedDesk, arguments: list[str]):
    """A script may have taken arguments from a branch's or a file's name."""
    ended = sandboxed.run(*arguments)
    annotations = [line for line in ended.out.splitlines() if line.startswith("::error file=")]

    assert ended.code == (0 if "init" in arguments else 1)
    assert tricks_in(
        "\n".join(line for line in (ended.out + ended.err).splitlines() if line not in annotations)
    ) == ([], [])
    assert len(annotations) == arguments.count("github")


def test_an_included_files_name_plays_no_trick(sandboxed: SandboxedDesk):
    """Whoever may add a file may give it any name; each annotation stays one line and keeps to its place."""
    name = "x\x1b[2J\u202e\n::error file=other,line=1::forged%0A,:.yaml"
    sandboxed.write("use_cases: {a: {}}\nunknown: 1\n", name.replace("/", "_"))
    sandboxed.write(EMAIL + 'include: ["x*"]\n')

    ended = sandboxed.run("validate", "--format", "github")

    lines = ended.out.splitlines()
    assert lines
    assert {line.split(",line=")[0] for line in lines} == {
        "::warning file=chanplan.yaml",
        "::error file=x\\x1b[2J\\u202e\\n\\x3a%3Aerror file=other%2Cline=1%3A%3Aforged%250A%2C%3A.yaml",
    }
    assert tricks_in("".join(re.sub("^::", "", line) for line in lines)) == ([], [])


@contextmanager
def server(answer):
    """Serves one answer to everything: `answer(headers)` gives status and body."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = answer(self.headers)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - names of the standard library

        def log_message(self, *_):
            """Says nothing."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    thread = Thread(target=listener.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"127.0.0.1:{listener.server_port}"
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


def pointed_at(place):
    """The environment that leads all of AWS to a place."""
    return {f"AWS_ENDPOINT_URL_{name}": f"http://{place}" for name in ("SESV2", "SES", "STS")}


@pytest.mark.parametrize(
    "command",
    [
        ("-v", "plan"),
        ("plan", "--format", "json"),
        ("plan", "--format", "markdown"),
        ("-v", "show", SETUP),
        ("-v", "discover"),
        ("discover", "--format", "json"),
    ],
)
def test_no_answer_of_a_server_plays_a_trick(begun: SandboxedDesk, command: tuple[str, ...]):
    """An error message may hold anything, and be of any length."""

    def answer(_):
        return 400, json.dumps(
            {"__type": "BadRequestException", "message": TRICKS + "x" * 1_000_000}
        ).encode()

    with server(answer) as place:
        ended = begun.run(*command, **pointed_at(place))

    assert ended.code == 1
    assert tricks_in(ended.out + ended.err) == ([], [])
    assert len(ended.out + ended.err) < 50_000


def test_no_answer_of_a_server_repeats_credentials(begun: SandboxedDesk):
    """A proxy that shows the request's headers shows the session token, which the request must carry."""
    keys = {
        "AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI-very-secret",
        "AWS_SESSION_TOKEN": "FQoGZXIvYXdzEHQaDsession",
    }
    seen = []

    def answer(headers):
        seen.append(str(headers))
        return 400, json.dumps({"__type": "BadRequestException", "message": str(headers)}).encode()

    with server(answer) as place:
        ended = [
            begun.run(*command, **pointed_at(place), **keys)
            for command in (
                ("-v", "plan"),
                ("-v", "apply", "--auto-approve", "--format", "jsonl"),
                ("show", SETUP),
                ("-v", "discover"),
            )
        ]

    said = "".join(one.said for one in ended)
    assert [name for name, value in keys.items() if any(value in text for text in seen)] == [
        "AWS_ACCESS_KEY_ID",
        "AWS_SESSION_TOKEN",
    ]
    assert "***" in said
    assert [name for name, value in keys.items() if value in said] == []


def test_no_error_shows_the_login_of_an_endpoint(begun: SandboxedDesk):
    """Whoever runs chanplan may have put one into an endpoint's address."""
    wrong = [
        pointed_at("acme:hunter2@127.0.0.1:1"),
        pointed_at("acme:hunter2@127.0.0.1:1/p@th"),
        {"HTTP_PROXY": "http://acme:hunter2@127.0.0.1:1", **pointed_at("ses.invalid:1")},
    ]

    ended = [begun.run("-v", command, **variables) for variables in wrong for command in ("plan", "discover")]

    assert [one.code for one in ended] == [1] * 6
    assert [one.said for one in ended if "hunter2" in one.said] == []


RECORDS = [
    DnsRecord(
        Purpose.DKIM, RecordType.CNAME, "=cmd|' /C calc'!A0._domainkey.a.example", "@SUM(1)\n; x IN A 6.6.6.6"
    ),
    DnsRecord(Purpose.SPF, RecordType.TXT, "-a.example", '+v=spf1 "\\ \n\x1b[2J'),
    DnsRecord(Purpose.INBOUND_MX, RecordType.MX, "a.example", "10 mx.example\nb.example IN A 6.6.6.6"),
]
"""What no service gives, and a server in its place may."""


def test_no_record_is_a_formula():
    """Spreadsheets take cells that begin with =, +, - or @ for programs."""
    rows = list(csv.reader(io.StringIO(records_csv(RECORDS))))

    assert [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))] == []
    assert tricks_in(records_csv(RECORDS)) == ([], [])


def test_no_record_brings_another_into_a_zone():
    """Each record is one line, without a comment, of the fields that it should have."""
    lines = records_bind(RECORDS).splitlines()

    assert [re.split(r" (?:IN) ", line)[1].split(" ")[0] for line in lines] == ["CNAME", "TXT", "MX"]
    assert [line for line in lines if ";" in line or "\x1b" in line] == []


@pytest.mark.parametrize("text", [TRICKS, "##[a", "###[a", "# [a", "::", "a::b", "a ::b", "arn:aws:iam::1:x"])
def test_json_keeps_what_it_makes_visible(text: str):
    """A program reads the same text again."""
    documents = json_text({"a": text}), json_on_one_line({"a": text})

    assert [json.loads(document) for document in documents] == [{"a": text}] * 2
    assert [tricks_in(document) for document in documents] == [([], [])] * 2


def test_what_needs_no_escape_stays():
    """Names of people, ARNs and addresses read as they were written."""
    plain = "Zoë Müller 山田 café arn:aws:ses:us-east-1::x [::1]:53 #1 C# a::b"

    assert visible(plain) == plain
