"""Runs a job of a workflow as GitHub's runner does: its own steps and those of our actions, with what each is given.

Other people's actions aren't run. What they do for the workflow is done here, in `Runner.outside`: the checkout is there
already, there is no role to take on, and an artifact goes to the platform of the test.
"""

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.ci.tools import ROOT

OURS = {
    "chanplan/chanplan": ROOT,
    "chanplan/chanplan/actions/reviewed": ROOT / "actions" / "reviewed",
    "chanplan/chanplan/actions/issue": ROOT / "actions" / "issue",
}
WORD = re.compile(r"'(?P<text>[^']*)'|(?P<sign>&&|\|\||==|!=|!|\(|\))|(?P<name>[\w.-]+)|\s+")
SIGNS = {"&&": " and ", "||": " or ", "!": " not "}


@dataclass
class Step:
    """What became of a step."""

    outcome: str = "skipped"
    outputs: dict[str, str] = field(default_factory=dict)
    log: str = ""


@dataclass
class Runner:
    """One job: where it works, what its expressions see, and how its steps end."""

    folder: Path
    """The checkout."""
    temp: Path
    chanplan: Path
    """A folder with `chanplan` in it, as if it were installed by the action before."""
    environment: dict[str, str]
    """What the platform sets for each step."""
    contexts: dict[str, str]
    """What expressions name: `github.sha` and the like."""
    upload: object
    """Called with an artifact's name and the bytes of its file."""
    steps: dict[str, Step] = field(default_factory=dict)
    summary: str = ""
    failed: bool = False

    def run(self, workflow: Path, job: str) -> "Runner":
        """Runs the steps in their order; after one that failed, those that ask for it."""
        asked = yaml.safe_load(workflow.read_text())["jobs"][job]
        self.environment = self.environment | asked.get("env", {})
        for number, step in enumerate(asked["steps"]):
            failed = self.failed
            done = self._step(step, self.contexts, self.steps)
            if step.get("continue-on-error"):
                self.failed = failed
            self.steps[step.get("id") or step.get("name") or f"step {number}"] = done
        return self

    def _step(self, step, contexts, steps) -> Step:
        asked = str(step.get("if", "")).removeprefix("${{").removesuffix("}}")
        if (self.failed and "cancelled()" not in asked) or (asked and not self.value(asked, contexts, steps)):
            return Step()
        given = {name: self.filled(value, contexts, steps) for name, value in step.get("with", {}).items()}
        environment = {
            name: self.filled(value, contexts, steps) for name, value in step.get("env", {}).items()
        }
        if "run" in step:
            return self._shell(step["run"], environment, contexts)
        name = step["uses"].partition("@")[0]
        if name not in OURS:
            return self.outside(name, given)
        return self.act(OURS[name], given, environment)

    def act(self, place: Path, given, environment=None) -> Step:
        """Runs one of our actions with these inputs; what it would install is there already."""
        action = yaml.safe_load((place / "action.yml").read_text())
        inputs = {name: spec.get("default", "") for name, spec in action["inputs"].items()} | given
        contexts = {f"inputs.{name}": self.filled(value, self.contexts, {}) for name, value in inputs.items()}
        inner: dict[str, Step] = {}
        own = Step("success")
        for step in action["runs"]["steps"]:
            if step.get("name") == "Install chanplan":
                continue
            done = self._step(
                {
                    **step,
                    "env": {**(environment or {}), **step.get("env", {}), "GITHUB_ACTION_PATH": str(place)},
                },
                self.contexts | contexts,
                inner,
            )
            inner[step.get("id") or step["name"]] = done
            own.log += done.log
            if done.outcome == "failure":
                own.outcome = "failure"
        own.outputs = {
            name: self.filled(spec["value"], contexts, inner)
            for name, spec in action.get("outputs", {}).items()
        }
        return own

    def outside(self, name, given) -> Step:
        """Plays other people's actions."""
        match name:
            case "actions/checkout":
                assert given == {"persist-credentials": "False"}
            case "actions/setup-python":
                return Step("success", {"python-path": "python3"})
            case "aws-actions/configure-aws-credentials":
                assert set(given) == {"role-to-assume", "aws-region"}
            case "actions/upload-artifact":
                self.upload(given["name"], (self.folder / given["path"]).read_bytes())
            case _:
                raise AssertionError(name)
        return Step("success")

    def _shell(self, script, environment, contexts) -> Step:
        files = {
            name: self.temp / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")
        }
        for path in files.values():
            path.write_text("")
        ended = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.folder,
            env={
                "PATH": f"{self.chanplan}:{os.environ['PATH']}",
                "HOME": str(self.temp),
                "RUNNER_TEMP": str(self.temp),
                **self.environment,
                **{name: str(path) for name, path in files.items()},
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        self.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        if ended.returncode:
            self.failed = True
        return Step("failure" if ended.returncode else "success", outputs, ended.stdout + ended.stderr)

    def filled(self, text, contexts, steps) -> str:
        """Replaces the expressions in a text."""
        return re.sub(
            r"\$\{\{(.*?)\}\}", lambda found: _text(self.value(found[1], contexts, steps)), str(text)
        )

    def value(self, expression: str, contexts, steps):
        """Gives what an expression is: names, texts in quotes, comparisons, and, or, not."""
        known: dict[str, object] = {}

        def translated(found) -> str:
            if found["text"] is not None:
                known[f"v{len(known)}"] = found["text"]
            elif found["sign"] is not None:
                return SIGNS.get(found["sign"], found["sign"])
            elif found["name"] is not None:
                if found["name"] == "cancelled":
                    return "cancelled"
                known[f"v{len(known)}"] = self._named(found["name"], contexts, steps)
            else:
                return " "
            return f"v{len(known) - 1}"

        # The workflows are our own, and what they name is given as values, never as text.
        return eval(
            WORD.sub(translated, expression).strip(), {"__builtins__": {}}, {**known, "cancelled": bool}
        )

    def _named(self, name: str, contexts, steps):
        if name.startswith("steps."):
            _, step, kind, *output = name.split(".")
            done = steps.get(step, Step())
            return done.outputs.get(output[0], "") if kind == "outputs" else done.outcome
        if name.startswith(("vars.", "secrets.", "inputs.")):
            return contexts.get(name, "")
        return contexts[name]


def _text(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
