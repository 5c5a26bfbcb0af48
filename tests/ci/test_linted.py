"""Every workflow, action, template and script is looked at by the tools that know its traps, and so are these tools."""

import pytest
import yaml

from tests.ci.tools import (
    ACTIONS,
    EXAMPLES,
    GITLAB,
    ROOT,
    SCRIPTS,
    WORKFLOWS,
    schema_errors,
    shellcheck,
    steps_with_shell,
    zizmor,
)

PLAN = EXAMPLES / "github" / "chanplan-acme-production-plan.yml"


def test_zizmor_finds_nothing(tmp_path):
    """No injection, no token that stays, no action that can be swapped, no right that isn't needed."""
    assert zizmor(tmp_path, *WORKFLOWS, *ACTIONS) == []


SPOILT = {
    "template-injection": ("run: chanplan comment", "run: echo ${{ github.head_ref }}; chanplan comment"),
    "artipacked": ("persist-credentials: false", "persist-credentials: true"),
    "unpinned-uses": ("3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "v7"),
    "excessive-permissions": ("permissions: {}", "permissions: write-all"),
    "dangerous-triggers": ("  pull_request:\n", "  pull_request_target:\n"),
}


def test_zizmor_would_find(tmp_path):
    """Workflows that were spoilt on purpose don't pass: each rule is met, and by no other mistake."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for rule, (old, new) in SPOILT.items():
        assert old in PLAN.read_text()
        (folder / f"{rule}.yml").write_text(PLAN.read_text().replace(old, new, 1))

    assert set(zizmor(tmp_path, *folder.iterdir())) == set(SPOILT)


@pytest.mark.parametrize(
    "schema, paths, old, new",
    [
        ("vendor.github-workflows", WORKFLOWS, "runs-on:", "run-on:"),
        ("vendor.github-actions", ACTIONS, "using: composite", "using: composition"),
        ("vendor.gitlab-ci", GITLAB, "when: manual", "when: manually"),
    ],
)
def test_schemas_are_kept(tmp_path, schema, paths, old, new):
    """As the platforms' own schemas have it; something else isn't."""
    spoilt = tmp_path / "spoilt.yml"
    text = max((path.read_text() for path in paths), key=len)
    assert old in text
    spoilt.write_text(text.replace(old, new))

    assert (len(paths) > 0, schema_errors(schema, *paths)) == (True, [])
    assert schema_errors(schema, spoilt) != []


def test_shell_of_github():
    """Each `run:` passes shellcheck."""
    scripts = [(path.name, *step) for path in (*WORKFLOWS, *ACTIONS) for step in steps_with_shell(path)]

    assert len(scripts) > 5
    assert [found for *_, script in scripts for found in shellcheck(script)] == []


def test_shell_of_gitlab():
    """So does what a job runs: GitLab puts it together from `before_script` and `script`."""
    jobs = [
        job for path in GITLAB for job in yaml.safe_load(path.read_text()).values() if isinstance(job, dict)
    ]
    scripts = ["\n".join(job.get(part) or []) for job in jobs for part in ("before_script", "script")]

    assert len([script for script in scripts if script]) > 5
    assert [found for script in scripts for found in shellcheck(script)] == []


def test_scripts():
    """So do the scripts beside them."""
    assert [(path.name, found) for path in SCRIPTS for found in shellcheck(path.read_text())] == []
    assert shellcheck("for x in $(ls); do rm $x; done") != []


def test_workflows_name_what_actions_have():
    """Inputs and outputs of our own actions, which no linter knows, are those of their files."""
    files = {
        "chanplan/chanplan": ROOT / "action.yml",
        "chanplan/chanplan/actions/reviewed": ROOT / "actions" / "reviewed" / "action.yml",
        "chanplan/chanplan/actions/issue": ROOT / "actions" / "issue" / "action.yml",
    }
    used = set()
    for path in WORKFLOWS:
        text = path.read_text()
        for job in yaml.safe_load(text)["jobs"].values():
            for step in job["steps"]:
                name = step.get("uses", "").partition("@")[0]
                if name not in files:
                    continue
                used.add(name)
                action = yaml.safe_load(files[name].read_text())
                needed = {each for each, spec in action["inputs"].items() if spec.get("required")}
                given = set(step.get("with", {}))
                assert (given <= set(action["inputs"]), needed <= given) == (True, True), step
                if "id" in step:
                    read = {
                        part.split()[0].rstrip(")") for part in text.split(f"steps.{step['id']}.outputs.")[1:]
                    }
                    assert read <= set(action["outputs"]), step
    assert used == set(files)
