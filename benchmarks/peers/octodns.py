"""octoDNS with a zone for each customer and the five records that a sending domain needs; source and target are files."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.measuring import Case, Desk

ENVIRONMENT = Path(".venv-benchmarks")
"""Made by `script/bench` from `requirements/benchmarks.txt`."""
LARGEST = 10_000
RECORDS_PER_ZONE = 5

_PROVIDERS = """\
providers:
  declared: {class: octodns.provider.yaml.YamlProvider, directory: declared, default_ttl: 300}
  published: {class: benchmarks.peers.local_target.LocalTarget, directory: published, default_ttl: 300}
zones:
"""
_ZONE = """\
bounce:
- type: MX
  value: {exchange: feedback.example., preference: 10}
- {type: TXT, value: v=spf1 include:example.net ~all}
dkim1._domainkey: {type: CNAME, value: dkim1.dkim.example.}
dkim2._domainkey: {type: CNAME, value: dkim2.dkim.example.}
dkim3._domainkey: {type: CNAME, value: dkim3.dkim.example.}
"""


def starting(desk: Desk) -> Case:
    """Give the start of the program."""
    return _case(desk, "`--help`", 0, desk.folder, "octodns-sync", "--help")


def commands(desk: Desk, size: int) -> Mapping[str, Case]:
    """Give its commands at a size, by the name of what we compare."""
    if size > LARGEST:
        return {}
    new, same = (desk.folder / f"octodns-{what}-{size}" for what in ("new", "same"))
    for folder in (new, same):
        desk.prepare("benchmarks.peers.octodns", folder, size, folder.name.split("-")[1])
    file = ("--config-file", "octodns.yaml")
    return {
        case.what: case
        for case in (
            _case(desk, "validate", size, new, "octodns-validate", *file),
            _case(desk, "plan, all new", size, new, "octodns-sync", *file),
            _case(desk, "plan, nothing to do", size, same, "octodns-sync", *file),
        )
    }


def _case(desk: Desk, what: str, size: int, folder: Path, program: str, *arguments: str) -> Case:
    return Case(
        what,
        size,
        (str(ENVIRONMENT.absolute() / "bin" / program), *arguments),
        folder,
        tool="octoDNS",
        rounds=desk.rounds(size),
    )


def _zones(size: int) -> Iterator[str]:
    for number in range(size // RECORDS_PER_ZONE):
        yield f"mail.customer-{number}.example."


def main() -> None:
    """Write zones, `new` or the `same` as published, into a folder."""
    place, size, what = sys.argv[1:]
    folder = Path(place)
    for directory in ("declared", "published"):
        (folder / directory).mkdir(parents=True, exist_ok=True)
    with (folder / "octodns.yaml").open("w", encoding="utf-8") as file:
        file.write(_PROVIDERS)
        file.writelines(
            f"  {zone}: {{sources: [declared], targets: [published]}}\n" for zone in _zones(int(size))
        )
    for directory in ("declared", "published")[: 2 if what == "same" else 1]:
        for zone in _zones(int(size)):
            (folder / directory / f"{zone}yaml").write_text(_ZONE, encoding="utf-8")


if __name__ == "__main__":
    main()
