"""Options that several commands share, and what they turn into."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from chanplan.cli.durations import parse_duration
from chanplan.model.addresses import KIND_NAMES, Address, parse_address
from chanplan.model.errors import Misused
from chanplan.model.plans import RefreshMode
from chanplan.model.requests import Request

F = TypeVar("F", bound=Callable[..., Any])


class AddressType(click.ParamType[Address]):
    """An address on the command line."""

    name = "ADDRESS"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        """Read an address, or fail with what one looks like."""
        if isinstance(value, Address):
            return value
        address = parse_address(str(value))
        if address is None:
            self.fail(
                f"'{value}' isn't an address; one looks like use_case.receipts, and its kind is one of "
                f"{', '.join(KIND_NAMES)}.",
                param,
                ctx,
            )
        return address


class DurationType(click.ParamType[float]):
    """A duration on the command line: `20s`, `5m`, `72h`; seconds as a float."""

    name = "DURATION"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read a duration as seconds."""
        if isinstance(value, float):
            return value
        try:
            return parse_duration(str(value))
        except Misused as error:
            self.fail(f"{error.message} {error.remedy}".strip(), param, ctx)


class DigestType(click.ParamType[str]):
    """A plan's digest on the command line: `sha256:` and 64 hex digits."""

    name = "DIGEST"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read a digest, or fail before any service is asked about what no plan can have."""
        text = str(value).strip()
        if re.fullmatch("sha256:[0-9a-f]{64}", text) is None:
            self.fail(
                f"'{text[:80]}' isn't a digest; a plan's last line tells its own, sha256: and 64 hex digits.",
                param,
                ctx,
            )
        return text


ADDRESS = AddressType()
DIGEST = DigestType()
DURATION = DurationType()


REASON = click.option("--reason", required=True, help="Why, in one line: it is kept, and shown to everybody.")
LOCK_TIMEOUT = click.option(
    "--lock-timeout", type=DURATION, default="0s", show_default=True, help="Wait so long for another run."
)


AUTO_APPROVE = click.option("--auto-approve", is_flag=True, help="Don't ask.")
EXPECT = click.option("--expect", type=DIGEST, help="Do what this digest covers, and nothing else.")
PARALLELISM = click.option(
    "--parallelism", type=click.IntRange(1, 256), default=16, show_default=True, help="Steps at once."
)
OUTCOME_FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "jsonl"]), default="text", show_default=True
)
"""How a run that changes something is told: for people, or line by line for programs."""


REFRESH_ONLY = click.option(
    "--refresh-only",
    is_flag=True,
    help="Only what changed outside chanplan; `apply` takes it into the state.",
)


OUT = click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Save the plan for `apply FILE`."
)
PLAN_FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True
)
COMMENT_LIMIT = click.option(
    "--comment-limit", type=click.IntRange(min=4000), help="Cut Markdown to so many characters and bytes."
)
REQUIRE_EVIDENCE = click.option(
    "--require-evidence",
    "evidence_required",
    is_flag=True,
    help="End with 1 where mail, tenants or findings couldn't be asked for. What is known moves all the same.",
)
DETAILED_EXITCODE = click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there are changes.")
TARGETS = click.option("--target", "targets", type=ADDRESS, multiple=True, help="Only this use case.")
"""Which use cases are judged."""


def check_refresh_only(request: Request, mode: RefreshMode) -> None:
    """Raise `click.UsageError` for what makes no sense beside `--refresh-only`."""
    if not request.refresh_only:
        return
    if request.destroy:
        raise click.UsageError("--refresh-only and --destroy exclude each other.")
    if mode is RefreshMode.NONE:
        raise click.UsageError("--refresh-only looks at the services, and --refresh none at nothing.")
    if request.allow_replace or request.allow_delete or request.take_ownership:
        raise click.UsageError(
            "--refresh-only deletes, replaces and imports nothing; of --allow-delete, only `all` means something beside it: that "
            "many resources may be forgotten."
        )


def planning_options(command: F) -> F:
    """Add what `plan`, `apply` and `destroy` share."""
    for option in reversed(
        (
            click.option(
                "--refresh",
                type=click.Choice([mode.value for mode in RefreshMode]),
                default=RefreshMode.SHALLOW.value,
                show_default=True,
                help="How closely to look at the services first.",
            ),
            click.option(
                "--target",
                "targets",
                type=ADDRESS,
                multiple=True,
                help="Plan only this and what it depends on.",
            ),
            click.option(
                "--allow-delete",
                multiple=True,
                metavar="ADDRESS|all",
                help="Agree to what deleting this loses; `all` lifts the threshold too.",
            ),
            click.option(
                "--allow-replace", type=ADDRESS, multiple=True, help="Agree to what replacing this loses."
            ),
            click.option(
                "--take-ownership",
                type=ADDRESS,
                multiple=True,
                help="Agree to import this though it carries another workspace's mark.",
            ),
        )
    ):
        command = option(command)
    return command


def request_of(
    *,
    targets: Sequence[Address],
    allow_delete: Sequence[str],
    allow_replace: Sequence[Address],
    take_ownership: Sequence[Address] = (),
    destroy: bool = False,
    refresh_only: bool = False,
) -> Request:
    """Turn options into a request. Raises `click.BadParameter` for what isn't an address."""
    return Request(
        destroy=destroy,
        refresh_only=refresh_only,
        targets=tuple(targets),
        allow_delete=frozenset(
            ADDRESS.convert(text, None, None) for text in allow_delete if text.lower() != "all"
        ),
        allow_replace=frozenset(allow_replace),
        take_ownership=frozenset(take_ownership),
        allow_all=any(text.lower() == "all" for text in allow_delete),
    )
