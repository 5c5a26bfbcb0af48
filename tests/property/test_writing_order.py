"""How a configuration is laid out, and on which machine it is read, decides nothing."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chanplan.config.loader import load_configuration
from chanplan.model.configuration import Configuration
from chanplan.model.snapshots import Snapshot
from chanplan.model.values import canonical
from chanplan.render.plan_document import plan_document
from tests.planning.harness import plan_of
from tests.property.generated import FEW, documents

SECTIONS = ("sending_pools", "ses_setups", "twilio_setups", "use_cases")
EMAIL = Path(__file__).parents[1] / "email.yaml"
MACHINES = (
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "USER": "ann", "HOSTNAME": "one"},
    {
        "PYTHONHASHSEED": "2",
        "TZ": "America/New_York",
        "LC_ALL": "tr_TR.UTF-8",
        "USER": "bob",
        "HOSTNAME": "two",
    },
)


def shuffled(lot: Random, value: Any) -> Any:
    """Give the same value with the keys of all mappings in another order."""
    if isinstance(value, dict):
        return {key: shuffled(lot, value[key]) for key in lot.sample(list(value), len(value))}
    return [shuffled(lot, item) for item in value] if isinstance(value, list) else value


def spread(lot: Random, document: dict[str, Any], folder: Path) -> Configuration:
    """Write a workspace into a root and three files, whose names are included in any order, and read it."""
    names = lot.sample(["a.yaml", "b.yaml", "c.yaml"], 3)
    files: dict[str, dict[str, Any]] = {name: {} for name in names}
    root = {key: value for key, value in document.items() if key not in SECTIONS}
    for section in SECTIONS:
        for key, value in document[section].items():
            files[lot.choice(names)].setdefault(section, {})[key] = value
    for name, content in files.items():
        (folder / name).write_text(json.dumps(shuffled(lot, content or {"use_cases": {}})), "utf-8")
    path = folder / "chanplan.yaml"
    path.write_text(json.dumps(shuffled(lot, {**root, "include": names})), "utf-8")
    configuration = load_configuration(path, {})
    # A place says where something stands, and that is what differs; warnings come in the order of their places.
    resources = {key: replace(each, source=None) for key, each in configuration.resources.items()}
    warnings = sorted((replace(each, source=None) for each in configuration.warnings), key=str)
    return replace(configuration, resources=resources, warnings=tuple(warnings))


@FEW
@given(documents(), st.integers(0, 10**9))
def test_the_order_of_files_and_keys_does_not_matter(document: dict[str, Any], seed: int) -> None:
    """However a workspace is spread over files, the plan is the same, byte for byte."""
    written = []
    for lot in (Random(seed), Random(seed + 1)):
        with TemporaryDirectory() as folder:
            configuration = spread(lot, document, Path(folder))
        written.append(canonical(plan_document(plan_of(configuration, Snapshot()), "1")))

    assert written[0] == written[1]


def test_the_machine_does_not_matter(tmp_path: Path) -> None:
    """Hash seed, time zone, language, user, host and folder: the same document but for its time."""
    made = []
    for number, machine in enumerate(MACHINES):
        folder = tmp_path / ("x" * (number + 1))
        folder.mkdir(parents=True)
        (folder / "chanplan.yaml").write_bytes(EMAIL.read_bytes())
        command = [sys.executable, "-m", "chanplan.cli.main", "plan", "--refresh", "none", "--format", "json"]
        run = subprocess.run(
            command, cwd=folder, env={**os.environ, **machine}, check=True, capture_output=True, text=True
        )
        made.append({**json.loads(run.stdout), "timestamp": None})

    assert made[0] == made[1]
    assert made[0]["digest"].startswith("sha256:")
