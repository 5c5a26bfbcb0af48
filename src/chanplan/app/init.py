"""Starting a workspace."""

import re
from pathlib import Path

from chanplan.app.files import SHARED, write_file
from chanplan.config.starter import editor_schema, starter_configuration
from chanplan.model.errors import Misused

SCHEMA_PATH = Path(".chanplan/config.schema.json")
IGNORED = ("state/", ".chanplan/", "chanplan-recovery-*", "chanplan-backup-*", "*.plan.json")


def initialise(root: Path, workspace: str | None) -> tuple[Path, ...]:
    """Write the starter configuration, the schema that editors check it with, and a .gitignore.

    What is there already stays; lines that a .gitignore lacks are added. Gives the files that were written.

    Raises:
        Misused: the configuration exists, or can't be written.
    """
    name = workspace or _name_of(root.resolve().parent)
    text = starter_configuration(name)
    written = []
    try:
        with root.open("x", encoding="utf-8") as file:
            file.write(text)
        written.append(root)
        schema = root.parent / SCHEMA_PATH
        if schema.parent.is_symlink():
            raise Misused(
                f"{schema.parent} is a link.", remedy="Remove it: chanplan keeps files of its own there."
            )
        schema.parent.mkdir(parents=True, exist_ok=True)
        write_file(schema, editor_schema(), SHARED)
        written.append(schema)
        ignore = root.parent / ".gitignore"
        lines = ignore.read_text(encoding="utf-8").splitlines() if ignore.exists() else []
        missing = [line for line in IGNORED if line not in lines]
        if missing:
            write_file(ignore, "\n".join([*lines, *missing]) + "\n", SHARED)
            written.append(ignore)
    except FileExistsError as error:
        raise Misused(f"{root} exists already.", remedy="Edit it, or give another with --config.") from error
    except OSError as error:
        raise Misused(
            f"{error.filename} can't be written: {error.strerror}.",
            remedy="Work in a folder that is yours (-C DIR), or name the file with --config FILE.",
        ) from error
    return tuple(written)


def _name_of(folder: Path) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", folder.name.lower()).strip("-_")[:50] or "workspace"
