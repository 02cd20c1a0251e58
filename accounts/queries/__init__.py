"""Reading doors of this room. `visible_to` lives in the module of each noun."""

from accounts.queries.actors import actor_for

__all__ = ["actor_for"]
