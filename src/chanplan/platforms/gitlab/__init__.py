"""Merge requests at GitLab, theirs or somebody's own: REST, version 4."""
