"""Telling whether a process that took a lock on this machine runs still. Linux tells; elsewhere nothing is known."""

import os
from dataclasses import dataclass
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACES = ("pid", "time")
"""In each of the first, numbers of processes mean something else; in the second, times since the machine began."""
_OVER = frozenset("ZX")
"""States of a process that has ended, and whose parent hasn't heard of it (proc(5))."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process, told from every other one, of other machines and containers and later ones of its number too."""

    world: str
    """Where its number means something: one boot of one machine, and in it one container."""
    pid: int
    born: int
    """Ticks since the machine began."""


def this_process() -> Process | None:
    """Give the process that runs this; None where it can't be told from others."""
    world = _world()
    looked = _look(os.getpid())
    return None if world is None or looked is None else Process(world, os.getpid(), looked[1])


def is_over(process: Process) -> bool:
    """Tell whether a process has ended for certain. False for one of another machine or container: nobody knows."""
    if process.world != _world():
        return False
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass  # somebody else's process: it's there
    looked = _look(process.pid)
    return looked is not None and (looked[0] in _OVER or looked[1] != process.born)


def _world() -> str | None:
    try:
        namespaces = [str(Path(f"/proc/self/ns/{name}").readlink()) for name in _NAMESPACES]
        return ":".join([_BOOT.read_text().strip(), *namespaces])
    except OSError:
        return None


def _look(pid: int) -> tuple[str, int] | None:
    """Give state and birth of a process."""
    try:
        # The name of a program, in parentheses, may hold anything.
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].decode("ascii").split()
        return fields[0], int(fields[19])
    except (OSError, ValueError, IndexError):
        return None
