"""What is registered stays as it is: the database itself refuses anything else.

- a contract with a number: only its state (from registered to amended, cancelled or revoked), the
  time of that, and the row's version and time stamp may change; it is never deleted;
- its parties, deductions and files are neither added, changed nor removed;
- decisions and versions are append-only;
- a number sequence only counts up, one at a time.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION refuse_registered_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free CONSTANT text[] := ARRAY['state', 'ended_at', 'version', 'updated_at'];
BEGIN
    IF OLD.number IS NULL THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a registered contract is never deleted'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (to_jsonb(NEW) - free) IS DISTINCT FROM (to_jsonb(OLD) - free) THEN
        RAISE EXCEPTION 'registered facts are never edited; make an amendment'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state <> OLD.state AND NOT (
        OLD.state = 'registered' AND NEW.state IN ('amended', 'cancelled', 'revoked')
    ) THEN
        RAISE EXCEPTION 'a % contract cannot become %', OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state = OLD.state AND NEW.ended_at IS DISTINCT FROM OLD.ended_at THEN
        RAISE EXCEPTION 'the end of an edition is written once'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER contract_registered_facts BEFORE UPDATE OR DELETE ON contracts_contract
    FOR EACH ROW EXECUTE FUNCTION refuse_registered_change();

CREATE FUNCTION refuse_registered_part_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parents bigint[] := ARRAY[]::bigint[];
BEGIN
    IF TG_OP <> 'INSERT' THEN parents := parents || OLD.contract_id; END IF;
    IF TG_OP <> 'DELETE' THEN parents := parents || NEW.contract_id; END IF;
    IF EXISTS (SELECT 1 FROM contracts_contract WHERE id = ANY(parents) AND number IS NOT NULL) THEN
        RAISE EXCEPTION 'parts of a registered contract are never changed'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER contract_party_frozen BEFORE INSERT OR UPDATE OR DELETE ON contracts_contractparty
    FOR EACH ROW EXECUTE FUNCTION refuse_registered_part_change();
CREATE TRIGGER contract_deduction_frozen BEFORE INSERT OR UPDATE OR DELETE
    ON contracts_contractdeduction
    FOR EACH ROW EXECUTE FUNCTION refuse_registered_part_change();
CREATE TRIGGER contract_file_frozen BEFORE INSERT OR UPDATE OR DELETE ON contracts_contractfile
    FOR EACH ROW EXECUTE FUNCTION refuse_registered_part_change();

CREATE FUNCTION refuse_contract_history_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of a contract is append-only'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER contract_decision_append_only BEFORE UPDATE OR DELETE ON contracts_contractdecision
    FOR EACH ROW EXECUTE FUNCTION refuse_contract_history_change();
CREATE TRIGGER contract_version_append_only BEFORE UPDATE OR DELETE ON contracts_contractversion
    FOR EACH ROW EXECUTE FUNCTION refuse_contract_history_change();

CREATE FUNCTION refuse_sequence_jump() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a number sequence is never deleted'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.point_id <> OLD.point_id OR NEW.year <> OLD.year OR NEW.last <> OLD.last + 1 THEN
        RAISE EXCEPTION 'a number sequence counts up one at a time'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER number_sequence_counts_up BEFORE UPDATE OR DELETE ON contracts_numbersequence
    FOR EACH ROW EXECUTE FUNCTION refuse_sequence_jump();
"""
BACKWARD = """
DROP TRIGGER number_sequence_counts_up ON contracts_numbersequence;
DROP TRIGGER contract_version_append_only ON contracts_contractversion;
DROP TRIGGER contract_decision_append_only ON contracts_contractdecision;
DROP TRIGGER contract_file_frozen ON contracts_contractfile;
DROP TRIGGER contract_deduction_frozen ON contracts_contractdeduction;
DROP TRIGGER contract_party_frozen ON contracts_contractparty;
DROP TRIGGER contract_registered_facts ON contracts_contract;
DROP FUNCTION refuse_sequence_jump();
DROP FUNCTION refuse_contract_history_change();
DROP FUNCTION refuse_registered_part_change();
DROP FUNCTION refuse_registered_change();
"""


class Migration(migrations.Migration):
    dependencies = [("contracts", "0001_contracts")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
