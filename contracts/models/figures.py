"""What the register's statistics are read from: sums kept beside the contracts.

The database itself writes a `FigureChange` in the transaction that moves a contract into the
register or out of it (migration 0004), so nothing that is registered can go uncounted, whatever
door it came through, and twenty registrars never wait for one another's sums. A job folds changes
into `FigureCell` and `FigureSeller`; tables read both, so they are exact at every moment.
Amounts are whole fen (1/100 yuan): exact, and quicker to sum than decimals. Sums have room for more
than any number of contracts: one that did not fit would end all folding.
"""

from decimal import Decimal

from django.db import models


class FigureChange(models.Model):
    """One contract that came (+1) or left (-1), with what the tables tell apart; not folded yet."""

    contract_id = models.BigIntegerField()
    sign = models.SmallIntegerField()
    year = models.SmallIntegerField()
    month = models.SmallIntegerField()
    type = models.CharField(max_length=20)
    field = models.CharField(max_length=40)
    region = models.CharField(max_length=6, help_text="Province of the contract.")
    seller_kind = models.CharField(max_length=40)
    buyer_kind = models.CharField(max_length=40)
    origin = models.CharField(max_length=6, help_text="City or country of the seller.")
    destination = models.CharField(max_length=6, help_text="City or country of the buyer.")
    seller_key = models.CharField(max_length=200)
    seller_name = models.CharField(max_length=160)
    shows_parties = models.BooleanField()
    shows_amount = models.BooleanField()
    total = models.BigIntegerField()
    technology = models.BigIntegerField()

    class Meta:
        indexes = [
            # rebuilding and checking go by year
            models.Index(fields=["year"], name="figure_change_year")
        ]

    def __str__(self) -> str:
        return f"{self.sign:+d} contract {self.contract_id}"


def _fen() -> "models.DecimalField[Decimal, Decimal]":
    return models.DecimalField(max_digits=30, decimal_places=0)


class FigureCell(models.Model):
    """A sum of registered contracts. The cube says what `region` and `place` mean:

    year, month: province of the contract, none; seller, buyer: province, group of the party's
    kind; flow: province (or country) of the seller and of the buyer; route: the same of all types
    and fields, as it is mostly read, in a fraction of the rows; city: city of the seller, and the
    buyer's city within the same province, else its province or country.

    Columns `open_...` hold what everybody may know: of contracts whose parties let the register
    show what the cube tells (parties in all but year and month), amounts only where these are
    shown, too.
    """

    cube = models.CharField(max_length=6)
    year = models.SmallIntegerField()
    month = models.SmallIntegerField(default=0)
    type = models.CharField(max_length=20)
    field = models.CharField(max_length=40)
    region = models.CharField(max_length=6)
    place = models.CharField(max_length=40)
    contracts = models.IntegerField()
    total = _fen()
    technology = _fen()
    large = models.IntegerField(help_text="Contracts of 10 million yuan of technology and more.")
    large_technology = _fen()
    open_contracts = models.IntegerField()
    open_amounts = models.IntegerField(help_text="Contracts whose amounts the next columns sum.")
    open_total = _fen()
    open_technology = _fen()
    open_large = models.IntegerField()

    class Meta:
        constraints = [
            # Read by cube and, if one is chosen, region and years: the order serves that.
            models.UniqueConstraint(
                fields=["cube", "region", "year", "type", "field", "place", "month"],
                name="figure_cell_once",
                violation_error_message="This sum exists.",
            )
        ]
        indexes = [
            # tables over all regions
            models.Index(fields=["cube", "year"], name="figure_cell_year")
        ]

    def __str__(self) -> str:
        return f"{self.cube} {self.year}"


class FigureSeller(models.Model):
    """What one seller registered in a year under one name. The key is its code, else its
    organisation or name; the names of a key are told apart, so that a name goes with the last
    contract that gave it."""

    year = models.SmallIntegerField()
    seller_key = models.CharField(max_length=200)
    seller_name = models.CharField(max_length=160)
    contracts = models.IntegerField()
    total = _fen()
    technology = _fen()
    open_contracts = models.IntegerField()
    open_amounts = models.IntegerField()
    open_technology = _fen()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["year", "seller_key", "seller_name"],
                name="figure_seller_once",
                violation_error_message="This sum exists.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.seller_key}"
