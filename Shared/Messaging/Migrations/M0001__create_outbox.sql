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

-- The last number of each partition. The row's lock is held until commit, so numbers are in commit order without gaps.
-- event_id is the last event, before_id the one before the newest run: UPDATE ... RETURNING cannot tell old values.
CREATE TABLE outbox_head (
    partition integer PRIMARY KEY CHECK (partition BETWEEN 0 AND 31),
    sequence bigint NOT NULL DEFAULT 0 CHECK (sequence >= 0),
    event_id uuid,
    before_id uuid,
    CHECK ((sequence = 0) = (event_id IS NULL))
) WITH (fillfactor = 20, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);
INSERT INTO outbox_head (partition) SELECT generate_series(0, 31);

-- Events as they are published; kept, since they are what a broker that lost its log is filled from again.
CREATE TABLE outbox (
    partition integer NOT NULL CHECK (partition BETWEEN 0 AND 31),
    sequence bigint NOT NULL CHECK (sequence > 0),
    event_id uuid NOT NULL UNIQUE,
    previous_id uuid,
    key uuid NOT NULL,
    type text NOT NULL CHECK (type ~ '^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$'),
    -- One audit record for each event, by construction.
    audit_id uuid NOT NULL REFERENCES audit_record (id),
    envelope text NOT NULL CHECK (octet_length(envelope) <= 262144),
    PRIMARY KEY (partition, sequence),
    CHECK ((sequence = 1) = (previous_id IS NULL))
);
CREATE TRIGGER outbox_append_only BEFORE UPDATE ON outbox
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- How far each partition was sent, and the offset that its last event got. Apart from the heads, so that sending and
-- writing do not wait for each other.
CREATE TABLE outbox_relay (
    partition integer PRIMARY KEY REFERENCES outbox_head (partition),
    sequence bigint NOT NULL DEFAULT 0 CHECK (sequence >= 0),
    kafka_offset bigint NOT NULL DEFAULT -1 CHECK (kafka_offset >= -1),
    epoch bigint NOT NULL DEFAULT 0 CHECK (epoch >= 0)
) WITH (fillfactor = 20, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);
INSERT INTO outbox_relay (partition) SELECT partition FROM outbox_head;
