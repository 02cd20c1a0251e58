"""Sums of the register, written by the database in the transaction that registers.

- `contracts_figurefact`: what the statistics tell apart of a contract with a number. All of it is
  frozen (migration 0002), so a contract leaves the sums exactly as it came in.
- a trigger appends a change when a contract becomes registered, or ends to be so; another refuses
  to insert one with a number, which would go uncounted (and could have no parties: migration 0002).
- what was registered before is counted by `rebuild_figures`: here it would keep everybody from
  writing contracts until all is counted.
"""

from django.conf import settings
from django.db import migrations, models

ZONE = (
    "CREATE OR REPLACE FUNCTION figure_zone() RETURNS text LANGUAGE sql IMMUTABLE AS $zone$"
    " SELECT '" + settings.TIME_ZONE.replace("'", "''") + "' $zone$"
)
FORWARD = """
CREATE FUNCTION figure_kind(kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN kind IN ('enterprise_hmt', 'enterprise_foreign_funded') THEN kind
        ELSE split_part(kind, '_', 1) END
$$;
CREATE FUNCTION figure_place(country text, region text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN country <> 'CN' THEN country
        WHEN region = '' THEN ''
        WHEN left(region, 2) IN ('11', '12', '31', '50') THEN left(region, 2) || '0000'
        ELSE left(region, 4) || '00' END
$$;
CREATE FUNCTION figure_province(place text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN length(place) = 6 THEN left(place, 2) || '0000' ELSE place END
$$;
CREATE VIEW contracts_figurefact AS
SELECT c.id AS contract_id, c.state, c.number, left(c.number, 4)::smallint AS year,
    extract(month FROM c.numbered_at AT TIME ZONE figure_zone())::smallint AS month,
    c.type, c.field,
    CASE WHEN c.region = '' THEN '' ELSE left(c.region, 2) || '0000' END AS region,
    coalesce(figure_kind(s.kind), '') AS seller_kind,
    coalesce(figure_kind(b.kind), '') AS buyer_kind,
    coalesce(figure_place(s.country, s.region), '') AS origin,
    coalesce(figure_place(b.country, b.region), '') AS destination,
    CASE WHEN s.code <> '' THEN 'c:' || upper(s.code)
        WHEN s.organisation_id IS NOT NULL THEN 'o:' || s.organisation_id
        ELSE 'n:' || coalesce(s.name, '') END AS seller_key,
    coalesce(s.name, '') AS seller_name,
    c.public_facts @> ARRAY['parties']::varchar[] AS shows_parties,
    c.public_facts @> ARRAY['amount']::varchar[] AS shows_amount,
    (coalesce(c.total_cny, c.technology_cny) * 100)::bigint AS total,
    (c.technology_cny * 100)::bigint AS technology
FROM contracts_contract c
LEFT JOIN LATERAL (SELECT p.kind, p.country, p.region, p.code, p.name, p.organisation_id
    FROM contracts_contractparty p WHERE p.contract_id = c.id AND p.role = 'seller'
    ORDER BY p.position, p.id LIMIT 1) s ON true
LEFT JOIN LATERAL (SELECT p.kind, p.country, p.region
    FROM contracts_contractparty p WHERE p.contract_id = c.id AND p.role = 'buyer'
    ORDER BY p.position, p.id LIMIT 1) b ON true
WHERE c.number IS NOT NULL;

CREATE FUNCTION note_figure_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO contracts_figurechange (sign, contract_id, year, month, type, field, region,
        seller_kind, buyer_kind, origin, destination, seller_key, seller_name, shows_parties,
        shows_amount, total, technology)
    SELECT CASE WHEN NEW.state = 'registered' THEN 1 ELSE -1 END, contract_id, year, month, type,
        field, region, seller_kind, buyer_kind, origin, destination, seller_key, seller_name,
        shows_parties, shows_amount, total, technology
    FROM contracts_figurefact WHERE contract_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER contract_figures AFTER UPDATE OF state ON contracts_contract FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state
        AND (OLD.state = 'registered' OR NEW.state = 'registered'))
    EXECUTE FUNCTION note_figure_change();

CREATE FUNCTION refuse_numbered_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a contract is a draft before it has a number'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER contract_inserted_without_number BEFORE INSERT ON contracts_contract
    FOR EACH ROW WHEN (NEW.number IS NOT NULL) EXECUTE FUNCTION refuse_numbered_insert();
"""
BACKWARD = """
DROP TRIGGER contract_inserted_without_number ON contracts_contract;
DROP TRIGGER contract_figures ON contracts_contract;
DROP FUNCTION refuse_numbered_insert();
DROP FUNCTION note_figure_change();
DROP VIEW contracts_figurefact;
DROP FUNCTION figure_province(text);
DROP FUNCTION figure_place(text, text);
DROP FUNCTION figure_kind(text);
DROP FUNCTION figure_zone();
"""


class Migration(migrations.Migration):
    dependencies = [("contracts", "0003_clause_reviews")]
    operations = [
        migrations.CreateModel(
            name="FigureChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("contract_id", models.BigIntegerField()),
                ("sign", models.SmallIntegerField()),
                ("year", models.SmallIntegerField()),
                ("month", models.SmallIntegerField()),
                ("type", models.CharField(max_length=20)),
                ("field", models.CharField(max_length=40)),
                ("region", models.CharField(max_length=6, help_text="Province of the contract.")),
                ("seller_kind", models.CharField(max_length=40)),
                ("buyer_kind", models.CharField(max_length=40)),
                (
                    "origin",
                    models.CharField(max_length=6, help_text="City or country of the seller."),
                ),
                (
                    "destination",
                    models.CharField(max_length=6, help_text="City or country of the buyer."),
                ),
                ("seller_key", models.CharField(max_length=200)),
                ("seller_name", models.CharField(max_length=160)),
                ("shows_parties", models.BooleanField()),
                ("shows_amount", models.BooleanField()),
                ("total", models.BigIntegerField()),
                ("technology", models.BigIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["year"], name="figure_change_year")],
            },
        ),
        migrations.CreateModel(
            name="FigureCell",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("cube", models.CharField(max_length=6)),
                ("year", models.SmallIntegerField()),
                ("month", models.SmallIntegerField(default=0)),
                ("type", models.CharField(max_length=20)),
                ("field", models.CharField(max_length=40)),
                ("region", models.CharField(max_length=6)),
                ("place", models.CharField(max_length=40)),
                ("contracts", models.IntegerField()),
                ("total", models.DecimalField(decimal_places=0, max_digits=30)),
                ("technology", models.DecimalField(decimal_places=0, max_digits=30)),
                (
                    "large",
                    models.IntegerField(
                        help_text="Contracts of 10 million yuan of technology and more."
                    ),
                ),
                ("large_technology", models.DecimalField(decimal_places=0, max_digits=30)),
                ("open_contracts", models.IntegerField()),
                (
                    "open_amounts",
                    models.IntegerField(help_text="Contracts whose amounts the next columns sum."),
                ),
                ("open_total", models.DecimalField(decimal_places=0, max_digits=30)),
                ("open_technology", models.DecimalField(decimal_places=0, max_digits=30)),
                ("open_large", models.IntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["cube", "year"], name="figure_cell_year")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("cube", "region", "year", "type", "field", "place", "month"),
                        name="figure_cell_once",
                        violation_error_message="This sum exists.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FigureSeller",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.SmallIntegerField()),
                ("seller_key", models.CharField(max_length=200)),
                ("seller_name", models.CharField(max_length=160)),
                ("contracts", models.IntegerField()),
                ("total", models.DecimalField(decimal_places=0, max_digits=30)),
                ("technology", models.DecimalField(decimal_places=0, max_digits=30)),
                ("open_contracts", models.IntegerField()),
                ("open_amounts", models.IntegerField()),
                ("open_technology", models.DecimalField(decimal_places=0, max_digits=30)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("year", "seller_key", "seller_name"),
                        name="figure_seller_once",
                        violation_error_message="This sum exists.",
                    )
                ],
            },
        ),
        migrations.RunSQL(ZONE, migrations.RunSQL.noop),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
