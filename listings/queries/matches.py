"""PostgreSQL's full text functions for the ORM, over tsqueries of our own making."""

from django.db.models import BooleanField, F, Func, TextField, Value


class TsQuery(Func):
    """A tsquery in PostgreSQL's own text form (listings.question writes it)."""

    template = "%(expressions)s::tsquery"
    output_field = TextField()

    def __init__(self, tsquery: str) -> None:
        super().__init__(Value(tsquery))


class Matches(Func):
    """`column @@ tsquery`."""

    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()
    conditional = True

    def __init__(self, column: str, tsquery: str) -> None:
        super().__init__(F(column), TsQuery(tsquery))
