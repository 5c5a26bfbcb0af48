"""How an apply ended, step by step."""

from dataclasses import dataclass

from chanplan.model.gates import Gate, GateState
from chanplan.model.plans import Step
from chanplan.model.problems import Problem


@dataclass(frozen=True, slots=True)
class Done:
    """A step whose outcome is recorded."""

    step: Step
    seconds: float = 0.0
    resource_id: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A step that failed. What it made is recorded, or looked for by the next run."""

    step: Step
    problem: Problem


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step before which a gate isn't open: its own, or that of a step that it depends on."""

    step: Step
    gate: Gate
    behind: Step | None = None
    """The step at whose gate it waits, when that isn't itself."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A step that wasn't started, because one before it failed or because a stop was asked for."""

    step: Step
    reason: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a plan's steps, sorted by address: each is in exactly one of the four. A deletion that an earlier
    replacement left over is in `done` or `failed` as well."""

    done: tuple[Done, ...]
    failed: tuple[Failed, ...]
    waiting: tuple[Waiting, ...]
    skipped: tuple[Skipped, ...]
    interrupted: bool = False
    """Whether a stop left steps undone."""
    problems: tuple[Problem, ...] = ()
    """What stopped the run as a whole: a state that can't be written."""

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The gates that something waits for, each once."""
        return tuple(
            {(waiting.gate.kind, waiting.gate.on): waiting.gate for waiting in self.waiting}.values()
        )

    @property
    def gate_failed(self) -> bool:
        """Whether something waits for a gate that won't open by itself."""
        return any(waiting.gate.state is GateState.FAILED for waiting in self.waiting)

    @property
    def word(self) -> str:
        """The word for it in a run's record: `interrupted`, `failed`, `waiting` or `done`, the first that holds."""
        if self.interrupted:
            return "interrupted"
        if self.failed or self.problems or self.gate_failed:
            return "failed"
        return "waiting" if self.waiting else "done"
