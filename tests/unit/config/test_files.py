"""What a path can be instead of a readable UTF-8 file, and which files an include names."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from chanplan.config.files import SIZE_LIMIT
from chanplan.config.loader import load_configuration
from chanplan.model.addresses import Address
from chanplan.model.errors import Invalid
from chanplan.model.problems import Source

ROOT = b"version: 1\nworkspace: acme\nproviders: {ses: {default: {region: us-east-1}}}\n"


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, so that messages name files as people do."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def unreadable() -> Iterator[None]:
    """Lay a root file that may not be read, and be somebody whom that stops: the superuser reads anything."""
    write("chanplan.yaml", ROOT)
    Path("chanplan.yaml").chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)


def pool(name: str) -> str:
    """Give a pool whose provider alias has its name."""
    return f"sending_pools:\n  {name}: {{pool_name: {name}, family: marketing, tiers: [onboarding], provider: {name}}}\n"


def write(name: str, text: str | bytes) -> None:
    """Write a file, and the folders around it."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


def problems(root: str = "chanplan.yaml") -> list[tuple[str, Source | None, str]]:
    """Give what is told of an invalid configuration."""
    with pytest.raises(Invalid) as caught:
        load_configuration(Path(root), {})
    return [(problem.code, problem.source, problem.message) for problem in caught.value.problems]


def names_of(root: bytes, *, path: str = "chanplan.yaml") -> list[str]:
    """Give the names of all pools that a root and its includes declare."""
    regions = {"a": "us-east-1", "b": "us-east-2", "c": "us-west-1", "hidden": "us-west-2"}
    aliases = ", ".join(f"{alias}: {{region: {region}}}" for alias, region in regions.items())
    write(path, root.replace(b"default: {region: us-east-1}", aliases.encode()))
    return [address.name for address in load_configuration(Path(path), {}).resources]


def test_missing() -> None:
    """A root that isn't there is told by its name."""
    expected = [("file_missing", Source("chanplan.yaml", 1), "There is no such file.")]

    assert problems() == expected


def test_directory() -> None:
    """A directory is no configuration."""
    Path("chanplan.yaml").mkdir()

    assert problems() == [("not_a_file", Source("chanplan.yaml", 1), "This is a directory.")]


def test_named_pipe() -> None:
    """A pipe is refused instead of being waited for."""
    os.mkfifo("chanplan.yaml")

    assert problems() == [("not_a_file", Source("chanplan.yaml", 1), "This is no regular file.")]


def test_unreadable(unreadable: None) -> None:
    """A file without the right to read it is told with the system's reason."""
    assert problems() == [
        ("file_unreadable", Source("chanplan.yaml", 1), "The file can't be read: Permission denied.")
    ]


def test_links_in_a_circle() -> None:
    """A link that leads back to itself is told with the system's reason."""
    Path("chanplan.yaml").symlink_to("chanplan.yaml")

    assert problems() == [
        (
            "file_unreadable",
            Source("chanplan.yaml", 1),
            "The file can't be read: Too many levels of symbolic links.",
        )
    ]


def test_path_with_a_nul() -> None:
    """A path that no system takes is told, not raised."""
    assert problems("a\0b") == [
        ("file_unreadable", Source("a\0b", 1), "The file can't be read: the path can't be used.")
    ]


def test_too_large() -> None:
    """A file past the limit isn't read into memory."""
    with Path("chanplan.yaml").open("wb") as file:
        file.truncate(SIZE_LIMIT + 1)

    assert problems() == [
        (
            "file_too_large",
            Source("chanplan.yaml", 1),
            "The file has 134,217,729 bytes, and 134,217,728 is the limit.",
        )
    ]


@pytest.mark.parametrize(
    "data, code, place, message",
    [
        (b"", "empty_file", (1, 1), "The file is empty."),
        (b"\n---\n...\n", "empty_file", (3, 1), "The file is empty."),
        (b"\xef\xbb\xbf", "empty_file", (1, 1), "The file is empty."),
        (ROOT + b"\x00\x01", "binary_file", (4, 1), "The file is binary, not text."),
        (b"\x7fELF\x02\x01\x01\x00", "binary_file", (1, 8), "The file is binary, not text."),
        (ROOT + b"# caf\xe9\n", "not_utf8", (4, 6), "The byte 0xe9 here isn't UTF-8."),
        ("version: 1\n".encode("utf-16"), "not_utf8", (1, 1), "The file is UTF-16, not UTF-8."),
        (
            ROOT + "# é\u0008\n".encode(),
            "control_character",
            (4, 4),
            "YAML allows no control characters, and U+0008 stands here.",
        ),
    ],
)
def test_bytes_that_are_no_text(data: bytes, code: str, place: tuple[int, int], message: str) -> None:
    """What isn't UTF-8 text is told with the place of its first wrong byte, counted in characters."""
    write("chanplan.yaml", data)

    assert problems() == [(code, Source("chanplan.yaml", *place), message)]


def test_byte_order_mark() -> None:
    """A byte order mark of UTF-8 is no part of the text, nor of its columns."""
    write("chanplan.yaml", b"\xef\xbb\xbfversoin: 1\nworkspace: acme\n")

    assert ("unknown_key", Source("chanplan.yaml", 1, 1), "The file has no key 'versoin'.") in problems()


def test_line_ends_of_windows() -> None:
    """CRLF ends lines as LF does."""
    write("chanplan.yaml", ROOT.replace(b"\n", b"\r\n"))

    assert load_configuration(Path("chanplan.yaml"), {}).workspace == "acme"


def test_globs() -> None:
    """`*` matches no leading dot and no directory, `**` any directories, and `..` leads out, within the project."""
    Path(".git").mkdir()
    write("shared/a.yaml", pool("a"))
    write("live/tenants/.hidden.yaml", pool("hidden"))
    write("live/tenants/x.yaml/b.yaml", pool("b"))
    write("live/tenants/deep/er/c.yaml", pool("c"))

    root = ROOT + b'include: [../shared/*.yaml, "tenants/**/*.yaml"]\n'

    assert names_of(root, path="live/chanplan.yaml") == ["a", "b", "c"]


def test_a_hidden_file_that_is_named() -> None:
    """A glob that names a leading dot means it."""
    write("tenants/.hidden.yaml", pool("hidden"))

    assert names_of(ROOT + b"include: [tenants/.hidden.yaml]\n") == ["hidden"]


def test_included_twice_is_read_once() -> None:
    """A file that several globs, files or links name is read once."""
    write("a.yaml", pool("a") + "include: [b.yaml]\n")
    write("b.yaml", "moved: []\n")
    Path("link.yaml").symlink_to("a.yaml")

    assert names_of(
        ROOT + b'include: [a.yaml, "*.yaml", link.yaml, b.yaml]\n'.replace(b'"*.yaml"', b'"?.yaml"')
    ) == ["a"]


def test_paths_are_relative_to_the_file_that_names_them() -> None:
    """An include of an included file starts where that file is; the state's path where the root is."""
    write("live/tenants/a.yaml", "include: [more/b.yaml]\n")
    write("live/tenants/more/b.yaml", pool("b"))
    write(
        "live/chanplan.yaml",
        ROOT.replace(b"default", b"b") + b"include: [tenants/a.yaml]\nstate: {path: ../state/x.db}\n",
    )

    configuration = load_configuration(Path("live/chanplan.yaml"), {})

    source = configuration.resources[Address("sending_pool", "b")].source
    assert (source, configuration.state.path) == (
        Source("live/tenants/more/b.yaml", 2, 3),
        "state/x.db",
    )


def test_a_long_chain_of_includes() -> None:
    """However long a chain is, it costs no stack."""
    for index in range(1500):
        write(f"f{index}.yaml", f"include: [f{index + 1}.yaml]\n")
    write("f1500.yaml", pool("a"))

    assert names_of(ROOT + b"include: [f0.yaml]\n") == ["a"]
