"""Asking services in parallel: each provider in its own bounded threads, so that none waits for another."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Generic, TypeVar

from chanplan.model.addresses import Address
from chanplan.model.errors import ProviderError
from chanplan.model.resources import Identity, Observed
from chanplan.model.scopes import Scope
from chanplan.ports.provider import Provider

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Task(Generic[T]):
    """One question to a service."""

    scope: Scope
    ask: Callable[[], T]


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What the service said."""

    value: T


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The service couldn't be asked."""

    scope: Scope
    error: ProviderError


def ask_all(
    tasks: Sequence[Task[T]], parallelism: int, advanced: Callable[[], None] = lambda: None
) -> Iterable[Answer[T] | NoAnswer]:
    """Carry tasks out and give the outcomes as they come; `advanced` is called after each. A provider's own errors
    are outcomes; anything else, an `Interrupted` above all, ends the asking and is raised."""
    by_provider: dict[str, list[Task[T]]] = {}
    for task in tasks:
        by_provider.setdefault(task.scope.provider, []).append(task)
    pools = {
        name: ThreadPoolExecutor(min(parallelism, len(waiting)), thread_name_prefix=f"read-{name}")
        for name, waiting in by_provider.items()
    }
    try:
        futures: Mapping[Future[T], Task[T]] = {
            pools[name].submit(task.ask): task for name, waiting in by_provider.items() for task in waiting
        }
        for future in as_completed(futures):
            try:
                outcome: Answer[T] | NoAnswer = Answer(future.result())
            except ProviderError as error:
                outcome = NoAnswer(futures[future].scope, error)
            advanced()
            yield outcome
    finally:
        for pool in pools.values():
            pool.shutdown(wait=True, cancel_futures=True)


def reader(provider: Provider, identity: Identity) -> Callable[[], tuple[Address, Observed | None]]:
    """Give the question for one object, answered with its address."""
    return lambda: (identity.address, provider.read(identity))
