"""Writing workflows for CI into the repository that holds a workspace."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chanplan.app.version import version
from chanplan.config.loader import load_configuration
from chanplan.config.pipelines import Platform, Surroundings, included_path, including, pipelines
from chanplan.model.configuration import Configuration, PostgresSettings, S3Settings, SqliteSettings
from chanplan.model.errors import Misused
from chanplan.providers.twilio.credentials import ACCOUNT_VARIABLE

LIBPQ_VARIABLES = ("PGDATABASE", "PGHOST", "PGUSER")
LIBPQ_SECRET = "PGPASSWORD"  # noqa: S105 - a variable's name


@dataclass(frozen=True, slots=True)
class Written:
    """The files that were written, and what is left for somebody to do."""

    paths: tuple[Path, ...]
    todo: tuple[str, ...]


class _Asked(dict[str, str]):
    """An environment that remembers which of its variables were asked for by name."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(environment)
        self.names: set[str] = set()

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        """Give a variable and remember its name."""
        if not key.startswith("CHANPLAN_"):
            self.names.add(key)
        return super().get(key, default)


def write_workflows(root: Path, platform: str, environment: Mapping[str, str]) -> Written:
    """Write the workflows of the workspace whose root file this is. Overwrites nothing: all are written, or none.

    Raises:
        Invalid: the configuration has problems.
        Misused: the state isn't shared (`ci_needs_shared_state`), a workflow is there already, or can't be written.
    """
    chosen = Platform(platform)
    asked = _Asked(environment)
    configuration = load_configuration(root, asked)
    if isinstance(configuration.state, SqliteSettings):
        raise Misused(
            f"The state is a file, {configuration.state}, and a job of CI begins with an empty disk: it would make "
            "everything anew.",
            remedy="Keep it where every job reaches it, `state: {backend: s3, …}` or `{backend: postgres, …}` "
            "(docs/state.md), take it there with `chanplan state pull` and `state push`, and run this again.",
            code="ci_needs_shared_state",
        )
    repository = _repository_of(root)
    surroundings = _surroundings(configuration, root.resolve(), repository, asked.names)
    texts = dict(pipelines(chosen, surroundings))
    todo = ["Next: make the environments, roles and variables that docs/ci.md lists, and commit the files."]
    if chosen is Platform.GITLAB:
        main = repository / ".gitlab-ci.yml"
        if main.exists():
            path = included_path(configuration.workspace)
            todo.insert(0, f"Include it in {main}: `include: [{{local: {path}}}]`.")
        else:
            texts[main.name] = including(configuration.workspace)
    return Written(_written(repository, texts), tuple(todo))


def _written(repository: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    paths = {repository / name: text for name, text in texts.items()}
    there = next((path for path in paths if path.exists() or path.is_symlink()), None)
    if there is not None:
        raise Misused(
            f"{there} exists already.",
            remedy="Edit it, or move it away to have it written anew.",
            code="workflow_exists",
        )
    try:
        for path, text in paths.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise Misused(
            f"{error.filename} can't be written: {error.strerror}.",
            remedy="Make the repository's folder writable for you.",
        ) from error
    return tuple(paths)


def _repository_of(root: Path) -> Path:
    """Give the top of the repository that holds a file; without one, the file's folder."""
    folder = root.resolve().parent
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)


def _surroundings(
    configuration: Configuration, root: Path, repository: Path, asked: set[str]
) -> Surroundings:
    resources = configuration.resources.values()
    aliases = {each.scope.alias for each in resources if each.scope.provider == "twilio"}
    twilio = [alias for name, alias in sorted(configuration.providers.twilio.items()) if name in aliases]
    state = configuration.state
    speaks_to_aws = isinstance(state, S3Settings) or any(each.scope.provider == "ses" for each in resources)
    variables, secrets, of_state = set(asked), set[str](), set[str]()
    if any(alias.account_sid is None for alias in twilio):
        variables.add(ACCOUNT_VARIABLE)
    for alias in twilio:
        pair = (alias.api_key, alias.api_secret)
        secrets |= {each.variable for each in (pair if all(pair) else (alias.auth_token,)) if each}
    if isinstance(state, PostgresSettings):
        variables |= set() if state.dsn else set(LIBPQ_VARIABLES)
        of_state.add(LIBPQ_SECRET if state.dsn is None else state.dsn.variable)
    return Surroundings(
        workspace=configuration.workspace,
        config=root.relative_to(repository).as_posix(),
        version=version(),
        region=_region(configuration) if speaks_to_aws else None,
        variables=tuple(sorted(variables - secrets - of_state)),
        secrets=tuple(sorted(secrets | of_state)),
        state_secrets=tuple(sorted(of_state)),
        mails=any("email_type" in each.attributes for each in resources),
    )


def _region(configuration: Configuration) -> str:
    if isinstance(configuration.state, S3Settings):
        return configuration.state.region
    return min(
        each.scope.region or "us-east-1"
        for each in configuration.resources.values()
        if each.scope.provider == "ses"
    )
