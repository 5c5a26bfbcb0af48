"""`chanplan destroy`."""

from collections.abc import Sequence

import click

from chanplan.cli.applying import Manner, run_apply
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import (
    AUTO_APPROVE,
    EXPECT,
    LOCK_TIMEOUT,
    OUTCOME_FORMAT,
    PARALLELISM,
    planning_options,
    request_of,
)
from chanplan.model.addresses import Address
from chanplan.model.plans import RefreshMode


@click.command(
    name="destroy",
    epilog="""\b
Examples:
  chanplan plan --destroy                                look first
  chanplan destroy --target use_case.old                 one use case
  chanplan destroy --allow-delete all --auto-approve     everything, losses included
""",
)
@planning_options
@AUTO_APPROVE
@EXPECT
@PARALLELISM
@LOCK_TIMEOUT
@OUTCOME_FORMAT
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    refresh: str,
    targets: Sequence[Address],
    allow_delete: Sequence[str],
    allow_replace: Sequence[Address],
    take_ownership: Sequence[Address],
    auto_approve: bool,
    expect: str | None,
    parallelism: int,
    lock_timeout: float,
    form: str,
) -> int:
    """Delete everything that the configuration brought: `apply --destroy`. What the state doesn't hold is left alone."""
    return run_apply(
        invocation,
        request_of(
            targets=targets,
            allow_delete=allow_delete,
            allow_replace=allow_replace,
            take_ownership=take_ownership,
            destroy=True,
        ),
        Manner(
            command="destroy",
            mode=RefreshMode(refresh),
            auto_approve=auto_approve,
            expect=expect,
            parallelism=parallelism,
            lock_timeout=lock_timeout,
            form=form,
        ),
    )
