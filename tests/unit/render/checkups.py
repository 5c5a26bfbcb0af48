"""What a doctor found: a sick workspace and a well one."""

from chanplan.model.checkup import Finding, Weight
from chanplan.planning.checkup.catalogue import finding
from tests.unit.render import plans

WELL = (
    finding("versions", "versions", "chanplan 0.1.0 with Python 3.11.7, boto3 1.44.5."),
    finding("lock", "lock_free", "Nobody holds the lock."),
)
SICK = (
    *WELL[:1],
    finding(
        "lock",
        "lock_left",
        "A run left the lock behind: ci@build-7, process 41, https://ci.acme.example/job/7 (chanplan apply) since"
        " 2026-11-23T16:01:12Z; its last sign of life was 4021 s ago, and the process has ended.",
        "It won't write again:\nchanplan unlock 2f6c1d0e9a7b4c35",
    ),
    finding(
        "intents",
        "intent_open",
        f"A run began to create {plans.MAIL} at 2026-11-23T16:01:13Z and didn't end it. An apply would find:"
        f" {plans.MAIL} was begun and carries our mark; it is continued.",
        "Run `chanplan apply`.",
        plans.MAIL,
    ),
    finding(
        "ses.default",
        "right_missing",
        "ListTenants (us-east-1) isn't allowed to these credentials: no\x1b[31m.",
        "Allow ses:ListTenants in the IAM policy behind alias 'default'.",
    ),
    finding("dns", "dns_answers", "Name servers answer for all 2 setups of which they were asked."),
    Finding(
        "clock",
        "clock_differs",
        Weight.WARNING,
        "The clock of ses.default is 3,600 s ahead of this machine's.",
    ),
)
