"""The JSON Schemas of what chanplan reads and writes."""

from collections.abc import Mapping

from chanplan.model.errors import Misused

SCHEMAS = ("config", "plan", "state")


def schema(name: str) -> Mapping[str, object]:
    """Give the schema of the configuration, of the plan document or of the state document."""
    match name:
        case "config":
            from chanplan.config.schema import config_schema

            return config_schema()
        case "plan":
            from chanplan.render.plan_schema import plan_schema

            return plan_schema()
        case "state":
            from chanplan.model.state_schema import state_schema

            return state_schema()
        case _:
            raise Misused(f"There is no schema '{name}'; there are {', '.join(SCHEMAS)}.")
