"""Writes customers/KEY.yaml for each line of customers.csv, and removes the file of a customer who left.

Python's own library is all it needs: `python3 make_customers.py`. The same table gives the same files, byte for byte.
"""

import csv
import json
from pathlib import Path

HERE = Path(__file__).parent
HEAD = "# {name}. Made by make_customers.py from customers.csv: change it there.\n"
ALIASES = {"us-east-1": "default", "eu-west-1": "eu"}
"""The aliases under `providers:` in chanplan.yaml, by region."""
USES = {
    "receipts": ("Receipts", "order receipts and invoices", "transactional"),
    "reminders": ("Reminders", "reminders of appointments", "transactional"),
    "newsletter": ("Newsletter", "the monthly newsletter", "marketing"),
}
"""What customers send: the use case's name, its description, and the family of its mail."""


def customers(table: str) -> dict[str, str]:
    """Give the files by name, from the table's text."""
    return {f"{row['key']}.yaml": customer(row) for row in csv.DictReader(table.splitlines())}


def customer(row: dict[str, str]) -> str:
    """Write one customer: a setup, and a use case for each thing that is sent."""
    key, domain = row["key"], row["domain"]
    setup = [
        f"  {key}:",
        f"    tenant_name: {key}",
        f"    domain_identity: {domain}",
        f"    provider: {ALIASES[row['region']]}",
        f"    dmarc: {{policy: {row['dmarc']}}}",
        f"    reputation_policy: {row['reputation']}",
    ]
    if row["receiving"] == "yes":
        bucket = f"agency-inbound-{row['region']}"
        setup.append(
            f"    receiving: {{rule_set: inbound, actions: [{{s3: {{bucket: {bucket}, prefix: {key}/}}}}]}}"
        )
    uses = [line for use in row["uses"].split() for line in use_case(row, use)]
    return HEAD.format(name=row["name"]) + "\n".join(["ses_setups:", *setup, "use_cases:", *uses, ""])


def use_case(row: dict[str, str], use: str) -> list[str]:
    """Write one use case. Its entity name takes the letters a to z only, so it is spelt as the key is."""
    name, description, family = USES[use]
    entity = " ".join(word.capitalize() for word in row["key"].split("-"))
    return [
        f"  {row['key']}-{use}:",
        "    channel: email",
        f"    entity_name: {entity}",
        f"    name: {name}",
        # JSON's strings are YAML's, whatever stands in them.
        f"    description: {json.dumps(row['name'] + ': ' + description, ensure_ascii=False)}",
        f"    ses_setup: {row['key']}",
        f"    sender_email_address: {use}@{row['domain']}",
        f"    email_type: {family}",
    ]


def write(folder: Path = HERE) -> None:
    """Make a folder's customers/ what its table says."""
    made = customers((folder / "customers.csv").read_text(encoding="utf-8"))
    (folder / "customers").mkdir(exist_ok=True)
    for path in (folder / "customers").glob("*.yaml"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (folder / "customers" / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
