-- Who did what, for whom, when and with which outcome. Rows are added and never changed.
CREATE TABLE audit_record (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    actor uuid,
    actor_client text CHECK (actor_client <> ''),
    organisation uuid,
    on_behalf_of uuid,
    dossier uuid,
    -- By which mandate, where it was under one.
    mandate uuid,
    action text NOT NULL CHECK (action ~ '^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$'),
    outcome text NOT NULL CHECK (outcome IN ('allowed', 'refused')),
    reasons text[] NOT NULL DEFAULT '{}',
    acr integer CHECK (acr BETWEEN 0 AND 1000),
    request_id text NOT NULL CHECK (request_id <> '' AND length(request_id) <= 200),
    -- From which network and about which user name, as hashes under a key of the service.
    source bytea CHECK (octet_length(source) = 32),
    user_name bytea CHECK (octet_length(user_name) = 32),
    -- Who ran the command, in that person's words.
    commanded_by text CHECK (commanded_by <> '' AND length(commanded_by) <= 200),
    CHECK (actor IS NOT NULL OR actor_client IS NOT NULL),
    CHECK (outcome = 'allowed' OR cardinality(reasons) > 0)
);
CREATE INDEX audit_record_dossier ON audit_record (dossier, at) WHERE dossier IS NOT NULL;
CREATE INDEX audit_record_source ON audit_record (source, at) WHERE source IS NOT NULL;
CREATE INDEX audit_record_user_name ON audit_record (user_name, at) WHERE user_name IS NOT NULL;
CREATE INDEX audit_record_actor ON audit_record (actor, at) WHERE actor IS NOT NULL;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are added and never changed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER audit_record_append_only BEFORE UPDATE OR DELETE ON audit_record
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_record_not_truncated BEFORE TRUNCATE ON audit_record
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
