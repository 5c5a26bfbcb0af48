"""The life of a pull request, from its branch to the last run under its approval, with a platform, git and the services.

Read it from top to bottom: each step is what a person does, or a job of the platform's CI with the commands that a
workflow has. The jobs share nothing but the state and the pull request.
"""

import os
import subprocess

import pytest

from tests.e2e.scene import EMAIL, Scene
from tests.platforms.github_server import GitHub
from tests.platforms.gitlab_server import GitLab
from tests.platforms.hosting import Request

PULL_REQUEST = 12
NEWS = "ses_setup.acme-news"
NEW_SETUP = """
  acme-news:
    tenant_name: acme-news
    domain_identity: news.acme.example
    dmarc: {policy: none}

use_cases:
  news:
    channel: email
    entity_name: Acme
    name: News
    description: The letter of the month
    ses_setup: acme-news
    sender_email_address: letter@news.acme.example
    email_type: marketing
"""


class Repository:
    """A git repository: a developer's clone, the one of the CI, and the place where both meet."""

    def __init__(self, root, checkout):
        self.developer = root / "developer"
        self.checkout = checkout
        self._origin = root / "origin.git"
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self._origin), at=root)
        self.git("clone", "--quiet", str(self._origin), str(self.developer), at=root)
        self.git("init", "--quiet", at=checkout)
        self.git("remote", "add", "origin", str(self._origin), at=checkout)

    def git(self, *arguments, at=None):
        """Runs git, without the settings of whoever runs the tests."""
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        names = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example", "-c", "init.defaultBranch=main")
        done = subprocess.run(
            ["git", *names, *arguments],
            cwd=at or self.developer,
            env={**os.environ, **alone},
            capture_output=True,
            check=True,
            text=True,
        )
        return done.stdout.strip()

    def commit(self, text, message):
        """Commits a configuration on the branch that is checked out, pushes it, and gives its name."""
        (self.developer / "chanplan.yaml").write_text(text)
        (self.developer / ".gitignore").write_text("state/\n.chanplan/\n*.plan.json\n*.jsonl\nevent.json\n")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        self.git("push", "--quiet", "origin", "HEAD")
        return self.git("rev-parse", "HEAD")

    def merge(self, branch):
        """Merges a branch into main, and gives the merge's commit."""
        self.git("checkout", "--quiet", "main")
        self.git("merge", "--quiet", "--no-ff", "--message", f"Merge {branch}", branch)
        self.git("push", "--quiet", "origin", "main")
        return self.git("rev-parse", "HEAD")

    def check_out(self, commit):
        """Gives the CI's folder the files of a commit; what git doesn't know stays, the state among it."""
        self.git("fetch", "--quiet", "origin", at=self.checkout)
        self.git("checkout", "--quiet", "--force", commit, at=self.checkout)


class Jobs:
    """What the CI runs."""

    def __init__(self, scene, platform, repository):
        self.scene = scene
        self.platform = platform
        self.repository = repository

    def plan(self, commit, environment):
        """On a pull request: plan, and show it. Gives the digest."""
        self.repository.check_out(commit)
        digest = self.scene.plan("--out", "reviewed.plan.json")["digest"]
        self.comment(environment, "reviewed.plan.json")
        return digest

    def apply(self, commit, environment, digest, *arguments):
        """After a merge, and on a schedule: do what was approved, show how it ended. Gives the exit code."""
        self.repository.check_out(commit)
        ended = self.scene.run("apply", "--expect", digest, "--format", "jsonl")
        (self.scene.folder / "outcome.jsonl").write_text(ended.out)
        self.comment(environment, "--outcome", "outcome.jsonl", *arguments)
        return ended.code

    def comment(self, environment, *arguments):
        """Posts what a command saved."""
        ended = self.scene.run("comment", "--platform", self.platform.PLATFORM, *arguments, **environment)
        assert ended.code == 0, ended.err

    def shown(self):
        """Gives the only comment of ours on the pull request."""
        (comment,) = self.platform.requests[PULL_REQUEST].comments
        return comment


@pytest.mark.parametrize("hosting", [GitHub, GitLab], ids=["github", "gitlab"])
def test_from_a_branch_to_the_last_run_under_its_approval(tmp_path, commands, hosting):
    """What was reviewed is what runs, over a colleague's merge, a gate and a schedule, and one comment tells all of it."""
    with hosting() as platform, Scene(tmp_path / "scene", commands) as scene:
        repository = Repository(tmp_path, scene.folder)
        jobs = Jobs(scene, platform, repository)

        # Main is what is there: the email workspace, applied to its end.
        declared = EMAIL.read_text()
        main = repository.commit(declared, "Declare Acme's mail")
        repository.check_out(main)
        scene.expect(3, "apply", "--auto-approve")
        scene.publish()
        scene.expect(0, "apply", "--auto-approve")

        # Ada wants a newsletter, on a domain of its own. Her branch becomes a pull request.
        repository.git("checkout", "--quiet", "-b", "newsletter")
        head = repository.commit(declared.replace("\nuse_cases:\n", NEW_SETUP, 1), "Add a newsletter")
        request = platform.requests[PULL_REQUEST] = Request(PULL_REQUEST, head)

        # Its job plans, and comments.
        first = jobs.plan(head, platform.environment(scene.folder, PULL_REQUEST))
        comment = jobs.shown()
        assert comment.body.startswith(
            "<!-- chanplan: the comment of workspace quickstart -->\n"
            "## Workspace quickstart\n\n"
            "**Plan: 2 to create, 0 to update, 0 to replace, 0 to delete; 1 waits.**\n"
        )
        assert comment.body.endswith(f"Digest: `{first}`\n\nCommit: `{head[:12]}`\n")

        # Meanwhile a colleague's change is merged: receipts are called something else.
        repository.git("checkout", "--quiet", "main")
        repository.git("checkout", "--quiet", "-b", "wording")
        repository.commit(
            declared.replace("Order receipts and invoices", "Order confirmations"), "Call them confirmations"
        )
        repository.merge("wording")

        # Ada's pull request is approved as it was reviewed, and merged. What is applied now isn't what was reviewed:
        # it is refused, before any call, and the comment says so.
        merged = repository.merge("newsletter")
        request.state, request.merge_commit = "merged", merged
        before = scene.calls(), scene.state().serial
        assert jobs.apply(merged, platform.pushed(scene.folder, merged), first) == 4
        assert (scene.calls(), scene.state().serial) == before
        assert jobs.shown() is comment
        assert "**The apply was refused.** Nothing was done: refused." in comment.body
        assert "### Refused\n\n- `digest_mismatch`: " in comment.body
        assert comment.body.endswith(f"Approved: `{first}`\n")

        # The plan of what was merged is shown in the same comment, with both changes, and approved there.
        second = jobs.plan(merged, platform.pushed(scene.folder, merged))
        assert jobs.shown() is comment
        assert second != first
        assert "**Plan: 2 to create, 1 to update, 0 to replace, 0 to delete; 1 waits.**" in comment.body
        assert '+ description = "Order confirmations"' in comment.body
        assert comment.body.endswith(f"Digest: `{second}`\n")

        # It is applied as far as it goes: the new domain's records must be published by somebody else.
        assert jobs.apply(merged, platform.pushed(scene.folder, merged), second) == 3
        assert jobs.shown() is comment
        assert "**Applied as far as gates are open.** Apply: 1 created, 1 updated, 1 waiting." in comment.body
        assert "Of 3 approved steps, 2 are done by now." in comment.body
        assert f"- `dns_verified` of `{NEWS}`: pending\n" in comment.body
        assert f"- `{NEWS}` created\n" in comment.body
        assert "- `use_case.receipts` updated\n" in comment.body

        # Every night a scheduled run goes on under the same approval. The records aren't there yet.
        nightly = platform.elsewhere(), second, "--pr", str(PULL_REQUEST)
        assert jobs.apply(merged, *nightly) == 3
        assert f"- `dns_verified` of `{NEWS}`: pending\n" in comment.body

        # The domain's owner publishes the records, and the next night finishes it.
        scene.publish(NEWS)
        assert jobs.apply(merged, *nightly) == 0
        assert jobs.shown() is comment
        assert "**Applied.** Apply: 1 created." in comment.body
        assert "Of 3 approved steps, 3 are done by now." in comment.body
        assert comment.body.endswith(f"### Done (1)\n\n- `use_case.news` created\n\nApproved: `{second}`\n")

        # It is done: the next night finds nothing to do, and says so.
        calls = scene.calls()
        assert jobs.apply(merged, *nightly) == 0
        assert "Of 3 approved steps, 3 are done by now." in comment.body
        assert scene.calls() == calls
        assert len(request.comments) == 1
