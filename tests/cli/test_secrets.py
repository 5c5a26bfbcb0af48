"""Secrets of the environment: in no output, no file, no log."""

from tests.cli.desk import Desk, SandboxedDesk

SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI-very-secret",
    "AWS_SESSION_TOKEN": "FQoGZXIvYXdzEHQaDsession",
    "TWILIO_AUTH_TOKEN": "0123456789abcdef-token",
    "TWILIO_API_SECRET": "another-very-secret",
    "WEBHOOK_LOGIN": "hunter2hunter2",
}
ACCOUNT = "AC0123456789abcdef0123456789abcdef"
PROFILE = "BU0123456789abcdef0123456789abcdef"
TWILIO = """
use_cases:
  support-line:
    channel: inbound_voice
    entity_name: Acme
    name: Support line
    twilio_setup: acme-voice
    voice: {url: "https://voice.acme.example/answer"}
twilio_setups:
  acme-voice:
    account: {mode: main}
    customer_profile: {sid: BU0123456789abcdef0123456789abcdef}
"""


def with_twilio(desk):
    """A configuration that needs every secret."""
    desk.write(
        "version: 1\nworkspace: secrets\nproviders:\n  ses: {default: {region: us-east-1}}\n"
        "  twilio: {default: {account_sid: AC0123456789abcdef0123456789abcdef, "
        'auth_token: "${env:TWILIO_AUTH_TOKEN}"}}\n'
        "ses_setups:\n  acme-mail: {tenant_name: acme, domain_identity: mail.acme.example}\n"
        + TWILIO.lstrip()
    )


def found_in(desk: Desk, said):
    """The names of the secrets that show up anywhere."""
    everything = said.encode() + b"".join(desk.files().values())
    return [name for name, value in SECRETS.items() if value.encode() in everything]


def test_no_command_lets_one_out(sandboxed: SandboxedDesk):
    """Neither in what is printed, with --verbose too, nor in state, plan file or log."""
    with_twilio(sandboxed)
    sandboxed.controls.twilio.approve(PROFILE, ACCOUNT)
    commands = [
        ("validate",),
        ("-v", "plan", "--out", "saved.plan.json"),
        ("plan", "--format", "json"),
        ("plan", "--format", "markdown"),
        ("-v", "apply", "--auto-approve"),
        ("apply", "--auto-approve", "--format", "jsonl"),
        ("state", "list", "--format", "json"),
        ("-v", "show", "ses_setup.acme-mail", "--format", "json"),
        ("-v", "dns", "check"),
        ("-v", "discover", "--out", "found.yaml"),
        ("sandbox", "status"),
    ]

    ended = [sandboxed.run(*command, **SECRETS) for command in commands]

    assert [one.code for one in ended] == [0] * 11
    assert found_in(sandboxed, "".join(one.said for one in ended)) == []


def test_no_error_lets_one_out(sandboxed: SandboxedDesk):
    """A wrong endpoint, a wrong name server, an endpoint that speaks something else."""
    with_twilio(sandboxed)
    wrong = [
        {"AWS_ENDPOINT_URL_SESV2": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1"},
        {"AWS_ENDPOINT_URL_SESV2": "not an address"},
        {"CHANPLAN_DNS_NAMESERVERS": "127.0.0.1:99999"},
        {"TWILIO_AUTH_TOKEN": ""},
    ]

    ended = [sandboxed.run("-v", "plan", **{**SECRETS, **variables}) for variables in wrong]

    assert [one.code for one in ended] == [1, 1, 1, 1]
    assert found_in(sandboxed, "".join(one.said for one in ended)) == []


def test_a_password_inside_a_url_is_refused_without_repeating_it(sandboxed: SandboxedDesk):
    """A URL is kept and shown, so that it is no place for one, resolved from the environment or not."""
    with_twilio(sandboxed)
    text = (sandboxed.folder / "chanplan.yaml").read_text()
    sandboxed.write(text.replace("https://voice", "https://hook:${env:WEBHOOK_LOGIN}@voice"))

    ended = sandboxed.run("validate", **SECRETS)

    assert (ended.code, "error[secret_in_configuration]" in ended.out) == (1, True)
    assert found_in(sandboxed, ended.said) == []
