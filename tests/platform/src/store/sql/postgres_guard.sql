-- A change of a record must move its place in every scope and take the scopes' counters, or phones never hear of it. The
-- platform does that; SQL by hand does not, and is refused. Whoever knows what they are doing says so for their session:
-- SET fushan.counted = 'on'.
CREATE OR REPLACE FUNCTION fushan_counted() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    IF current_setting('fushan.counted', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'a change of % that no scope counts would reach no phone', TG_TABLE_NAME
            USING HINT = 'change records through the platform (/admin/v1/act)', ERRCODE = 'raise_exception';
    END IF;
    RETURN NULL;
END $guard$;
CREATE OR REPLACE TRIGGER record_counted AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON record
    FOR EACH STATEMENT EXECUTE FUNCTION fushan_counted();
CREATE OR REPLACE TRIGGER scope_member_counted AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON scope_member
    FOR EACH STATEMENT EXECUTE FUNCTION fushan_counted();
CREATE OR REPLACE TRIGGER scope_head_counted AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON scope_head
    FOR EACH STATEMENT EXECUTE FUNCTION fushan_counted();
