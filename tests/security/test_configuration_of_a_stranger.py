"""A configuration that somebody without any rights wrote, in a pull request: what it reads ends in a review."""

import os
from pathlib import Path

import pytest

from chanplan.config.loader import load_configuration
from chanplan.config.variables import Unresolved, Variables
from chanplan.model.errors import Invalid

ROOT = "version: 1\nworkspace: acme\n"
CREDENTIALS = "[default]\naws_secret_access_key: wJalrXUtnFEMI\n"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a repository, with somebody's credentials beside the repository."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home/credentials").write_text(CREDENTIALS)
    folder = tmp_path / "repository/live"
    folder.mkdir(parents=True)
    (folder.parent / ".git").mkdir()
    monkeypatch.chdir(folder)
    return folder


def told(environment: dict[str, str] | None = None, root: str = "chanplan.yaml") -> list[tuple[str, str]]:
    """Give codes and messages of everything that is wrong."""
    with pytest.raises(Invalid) as caught:
        load_configuration(Path(root), environment or {})
    return [(problem.code, problem.message + problem.remedy) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "glob",
    [
        "../../home/credentials",
        "../../home/*",
        "**/../../../home/*",
        "*/../../../home/credentials",
        "../../*/*",
        "a/../../../home/credentials",
        "link",
        "linked/credentials",
        "linked/*",
    ],
)
def test_an_include_reads_nothing_beside_the_repository(checkout: Path, glob: str) -> None:
    """Neither by `..` nor by a link, of a file or of a folder; and nothing of it is quoted."""
    (checkout / "a").mkdir()
    (checkout / "link").symlink_to("../../home/credentials")
    (checkout / "linked").symlink_to(checkout.parents[1] / "home")
    (checkout / "chanplan.yaml").write_text(f'{ROOT}include: ["{glob}"]\n')

    problems = told()

    assert [code for code, _ in problems] == ["file_outside"]
    assert [text for _, text in problems if "wJalr" in text or "aws_secret" in text] == []


def test_the_root_itself_is_no_link_to_something_else(checkout: Path) -> None:
    """A root file that leads out is refused as an include is."""
    (checkout / "chanplan.yaml").symlink_to("../../home/credentials")

    assert [code for code, _ in told()] == ["file_outside"]


def test_files_of_the_same_repository_are_shared(checkout: Path) -> None:
    """`..` and links stay useful where a review shows what they lead to."""
    (checkout.parent / "shared").mkdir()
    (checkout.parent / "shared/more.yaml").write_text("moved: []\n")
    (checkout / "link.yaml").symlink_to("../shared/more.yaml")
    (checkout / "chanplan.yaml").write_text(f"{ROOT}include: [../shared/*.yaml, link.yaml]\n")

    assert load_configuration(Path("chanplan.yaml"), {}).workspace == "acme"


def test_without_a_repository_the_root_files_folder_is_the_limit(checkout: Path) -> None:
    """Until whoever runs chanplan names another folder, which no configuration can."""
    (checkout.parent / ".git").rmdir()
    (checkout.parent / "shared.yaml").write_text("moved: []\n")
    (checkout / "chanplan.yaml").write_text(f"{ROOT}include: [../shared.yaml]\n")

    assert [code for code, _ in told()] == ["file_outside"]
    assert load_configuration(Path("chanplan.yaml"), {"CHANPLAN_INCLUDE_ROOT": str(checkout.parent)})


def test_devices_and_pipes_are_not_read(checkout: Path) -> None:
    """Neither a pipe, which would be waited for, nor a device, which never ends, nor a link in a circle."""
    os.mkfifo(checkout / "pipe.yaml")
    (checkout / "zero.yaml").symlink_to("/dev/zero")
    (checkout / "circle.yaml").symlink_to("circle.yaml")
    (checkout / "chanplan.yaml").write_text(f"{ROOT}include: [pipe.yaml, zero.yaml, circle.yaml]\n")

    assert [code for code, _ in told({"CHANPLAN_INCLUDE_ROOT": "/"})] == [
        "include_matches_nothing",
        "not_a_file",
        "not_a_file",
    ]


SECRET_NAMES = [
    "AWS_SECRET_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_API_SECRET",
    "TWILIO_API_KEY",
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "GITHUB_PAT",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "CI_JOB_TOKEN",
    "CI_JOB_JWT",
    "CI_REGISTRY_PASSWORD",
    "CI_DEPLOY_PASSWORD",
    "NPM_TOKEN",
    "PGPASSWORD",
    "MYSQL_PWD",
    "DOCKER_AUTH_CONFIG",
    "SSH_PRIVATE_KEY",
    "GPG_PASSPHRASE",
    "GOOGLE_CREDENTIALS",
    "SENTRY_DSN",
    "OPENAI_API_KEY",
    "STRIPE_KEY",
    "aws_secret_access_key",
]
PLAIN_NAMES = [
    "TWILIO_ACCOUNT_SID",
    "AWS_REGION",
    "AWS_ACCOUNT_ID",
    "DOMAIN",
    "TENANT",
    "MONKEY",
    "KEYBOARD",
    "AUTHOR",
    "HOME",
    "PWD",
    "COMPASS",
]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_variables_that_hold_secrets_are_refused_by_name(name: str) -> None:
    """Whether they are set or not, so that a refusal tells nothing."""
    outcomes = [Variables({name: "x"}).value(name), Variables({}).value(name)]

    assert outcomes[0] == outcomes[1]
    assert isinstance(outcomes[0], Unresolved)
    assert outcomes[0].code == "environment_secret"


@pytest.mark.parametrize("name", PLAIN_NAMES)
def test_variables_of_other_names_are_read(name: str) -> None:
    """A name that merely has such letters in it is no secret's."""
    assert Variables({name: "x"}).value(name) == "x"


@pytest.mark.parametrize(
    "value",
    [
        "postgres://acme:hunter2@db.acme.example/acme",
        "https://hunter2@hooks.acme.example",
        "-----BEGIN RSA PRIVATE KEY-----\nMII",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "ghp_0123456789abcdefghij",
        "glpat-0123456789",
        "with wJalrXUtnFEMI inside",
    ],
)
def test_variables_that_look_harmless_are_refused_by_what_they_hold(value: str) -> None:
    """A password in a URL, a private key, a token, or a copy of a secret that the environment holds."""
    outcome = Variables({"INNOCENT": value, "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI"}).value("INNOCENT")

    assert isinstance(outcome, Unresolved)
    assert (outcome.code, value in outcome.message + outcome.remedy) == ("environment_secret", False)


def test_a_list_of_whoever_runs_chanplan_is_the_whole_truth() -> None:
    """What it names is read whatever its name says; what it doesn't name isn't."""
    variables = Variables(
        {"CHANPLAN_ENV_ALLOWED": "PARTITION_KEY", "PARTITION_KEY": "acme", "DOMAIN": "a.example"}
    )

    outcome = variables.value("DOMAIN")

    assert variables.value("PARTITION_KEY") == "acme"
    assert isinstance(outcome, Unresolved)
    assert outcome.code == "environment_not_allowed"
