"""The folder that configuration files must lie in, wherever their globs and symbolic links lead.

A pull request brings its own globs and links. What they catch is read, and quoted where it is wrong, so that a
glob into somebody's home would show in a review what its author has no right to see.
"""

import os
from collections.abc import Mapping
from pathlib import Path, PurePath

ROOT_VARIABLE = "CHANPLAN_INCLUDE_ROOT"
"""A folder that whoever runs chanplan names; without it, it is found as `project_of` says."""


def project_of(root: Path, environment: Mapping[str, str]) -> Path | None:
    """Give the real path of the folder that all files must lie in: the nearest one around the root file that holds
    `.git`, since that is what a review shows; else the root file's own. None when no system takes the path."""
    named = environment.get(ROOT_VARIABLE)
    try:
        own = Path(os.path.realpath(root.absolute().parent if named is None else named))
        if named is not None:
            return own
        return next((folder for folder in (own, *own.parents) if (folder / ".git").exists()), own)
    except (OSError, ValueError):
        return None


def leads_out(directory: Path, glob: str, project: Path) -> bool:
    """Tell, without looking at any file, whether a glob's own `..` lead out of the project."""
    depth = len(Path(os.path.realpath(directory)).relative_to(project).parts)
    for part in PurePath(glob).parts:
        # `**` may stand for no directory at all.
        depth += {"..": -1, "**": 0}.get(part, 1)
        if depth < 0:
            return True
    return False
