"""Terraform (or OpenTofu) with its built-in resource, which needs no plugin: customers and use cases that refer to them.

The binary is `CHANPLAN_BENCH_TERRAFORM`, else `terraform` or `tofu` on the PATH. States are written here, since an
apply of 10,000 resources takes it 24 minutes (design, section 10).
"""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from benchmarks.customers import USE_CASES
from benchmarks.measuring import Case, Desk, nothing

VARIABLE = "CHANPLAN_BENCH_TERRAFORM"
LARGEST = 10_000
LARGEST_APPLY = 1_000


def starting(desk: Desk) -> Case:
    """Give the start of the program."""
    return _case(desk, "`--help`", 0, desk.folder, "-help")


def commands(desk: Desk, size: int) -> Mapping[str, Case]:
    """Give its commands at a size, by the name of what we compare; none beyond 10,000, where it takes too long."""
    if size > LARGEST:
        return {}
    declared, remembered = (desk.folder / f"terraform-{what}-{size}" for what in ("declared", "remembered"))
    for folder in (declared, remembered):
        desk.prepare("benchmarks.peers.terraform", folder, size, folder.name.split("-")[1])
    # Like ours: what the state remembers is believed, and nobody is asked.
    plan = ("plan", "-refresh=false", "-input=false")
    return {
        case.what: case
        for case in (
            _case(desk, "validate", size, declared, "validate"),
            _case(desk, "plan, all new", size, declared, *plan),
            _case(desk, "plan, nothing to do", size, remembered, *plan),
            _case(desk, "plan, destroy all", size, remembered, *plan, "-destroy"),
        )
    }


def applying(desk: Desk, size: int) -> Iterator[Case]:
    """Give an apply of everything, at sizes where it ends in time."""
    if size <= LARGEST_APPLY:
        folder = desk.folder / f"terraform-applied-{size}"
        desk.prepare("benchmarks.peers.terraform", folder, size, "declared")

        def reset() -> None:
            (folder / "terraform.tfstate").unlink(missing_ok=True)

        yield _case(
            desk,
            "apply, all new",
            size,
            folder,
            "apply",
            "-input=false",
            "-auto-approve",
            "-refresh=false",
            reset=reset,
        )


def adding(desk: Desk, size: int, more: int) -> Case:
    """Give an apply of some more onto a state of a size."""
    folder = desk.folder / f"terraform-onto-{size}"
    desk.prepare("benchmarks.peers.terraform", folder, size + more, "declared", size)
    kept = folder / "kept.tfstate"
    shutil.copyfile(folder / "terraform.tfstate", kept)
    command = ("apply", "-input=false", "-auto-approve", "-refresh=false")
    return _case(
        desk,
        "",
        size,
        folder,
        *command,
        reset=lambda: shutil.copyfile(kept, folder / "terraform.tfstate"),
    )


def _case(
    desk: Desk, what: str, size: int, folder: Path, *command: str, reset: Callable[[], object] = nothing
) -> Case:
    settings = desk.folder / "terraform.rc"
    settings.touch()
    return Case(
        what,
        size,
        (_binary(), *command, *(() if command == ("-help",) else ("-no-color",))),
        folder,
        tool="Terraform",
        # What takes minutes is run once.
        rounds=1 if size >= LARGEST or command[0] == "apply" else desk.rounds(size),
        environment={"TF_CLI_CONFIG_FILE": str(settings), "CHECKPOINT_DISABLE": "1"},
        reset=reset,
    )


def _binary() -> str:
    found = os.environ.get(VARIABLE) or shutil.which("terraform") or shutil.which("tofu")
    return found or "terraform"


def _resources(size: int) -> Iterator[tuple[str, dict[str, str], str | None]]:
    """Give name, input and the setup that it refers to."""
    for number in range(size // (1 + len(USE_CASES))):
        domain = f"mail.customer-{number}.example"
        setup = f"c{number}"
        yield (
            setup,
            {"tenant_name": f"tenant-{number}", "domain_identity": domain, "mail_from": "bounce"},
            None,
        )
        for key, name, family in USE_CASES:
            values = {
                "entity_name": f"Customer {number}",
                "name": name,
                "description": f"{name} of customer {number}",
                "sender_email_address": f"{key}@{domain}",
                "email_type": family,
                "setup": domain,
            }
            yield f"{setup}-{key}", values, setup


def _configuration(size: int) -> Iterator[str]:
    for name, values, setup in _resources(size):
        yield f'resource "terraform_data" "{name}" {{\n  input = {{\n'
        for key, value in values.items():
            refers = key == "setup" and setup is not None
            yield (
                f"    {key} = terraform_data.{setup}.input.domain_identity\n"
                if refers
                else f'    {key} = "{value}"\n'
            )
        yield "  }\n}\n"


def _state(size: int) -> dict[str, object]:
    return {
        "version": 4,
        "terraform_version": "1.0.0",
        "serial": 1,
        "lineage": "00000000-0000-4000-8000-000000000000",
        "outputs": {},
        "resources": [
            {
                "mode": "managed",
                "type": "terraform_data",
                "name": name,
                "provider": 'provider["terraform.io/builtin/terraform"]',
                "instances": [_instance(number, values, setup)],
            }
            for number, (name, values, setup) in enumerate(_resources(size))
        ],
        "check_results": None,
    }


def _instance(number: int, values: Mapping[str, str], setup: str | None) -> dict[str, object]:
    dynamic = {"value": values, "type": ["object", dict.fromkeys(values, "string")]}
    return {
        "schema_version": 0,
        "attributes": {
            "id": f"00000000-0000-4000-8000-{number:012}",
            "input": dynamic,
            "output": dynamic,
            "triggers_replace": None,
        },
        "sensitive_attributes": [],
        "dependencies": [] if setup is None else [f"terraform_data.{setup}"],
    }


def main() -> None:
    """Write a configuration into a folder: `FOLDER SIZE declared [REMEMBERED]`, with a state that has so much of it,
    or `FOLDER SIZE remembered`, with one that has all."""
    place, size, what, *some = sys.argv[1:]
    folder = Path(place)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "main.tf").open("w", encoding="utf-8") as file:
        file.writelines(_configuration(int(size)))
    remembered = int(some[0]) if some else int(size) if what == "remembered" else 0
    if remembered:
        (folder / "terraform.tfstate").write_text(json.dumps(_state(remembered)), encoding="utf-8")


if __name__ == "__main__":
    main()
