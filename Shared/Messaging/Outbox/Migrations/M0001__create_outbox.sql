-- The last number of each partition of what the service publishes: its own source, and a second stream where it has
-- one. The row's lock is held until commit, so numbers are in commit order without gaps.
-- event_id is the last event, before_id the one before the newest run: UPDATE ... RETURNING cannot tell old values.
CREATE TABLE outbox_head (
    source text NOT NULL CHECK (source <> ''),
    partition integer NOT NULL CHECK (partition BETWEEN 0 AND 31),
    sequence bigint NOT NULL DEFAULT 0 CHECK (sequence >= 0),
    event_id uuid,
    before_id uuid,
    PRIMARY KEY (source, partition),
    CHECK ((sequence = 0) = (event_id IS NULL))
) WITH (fillfactor = 20, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);

-- Events as they are published; kept, since they are what a broker that lost its log is filled from again. Of a stream
-- whose facts soon do not matter any more, old ones are removed.
CREATE TABLE outbox (
    source text NOT NULL,
    partition integer NOT NULL CHECK (partition BETWEEN 0 AND 31),
    sequence bigint NOT NULL CHECK (sequence > 0),
    event_id uuid NOT NULL UNIQUE,
    previous_id uuid,
    key uuid NOT NULL,
    type text NOT NULL CHECK (type ~ '^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$'),
    -- Each event has the record of its act, which is written by the same call in the same transaction; no foreign key,
    -- whose check would cost every event a look-up in the largest table.
    audit_id uuid NOT NULL,
    envelope text NOT NULL CHECK (octet_length(envelope) <= 262144),
    -- For the age of what waits to be sent.
    appended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (source, partition, sequence),
    CHECK ((sequence = 1) = (previous_id IS NULL))
);
-- What corrects something is looked for after a restore; nothing else has these types.
CREATE INDEX outbox_correction ON outbox (source, type) WHERE type ~ '[.](restated|voided)$';
CREATE TRIGGER outbox_append_only BEFORE UPDATE ON outbox
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- How far each partition was sent, and the offset that its last event got. Apart from the heads, so that sending and
-- writing do not wait for each other.
CREATE TABLE outbox_relay (
    source text NOT NULL,
    partition integer NOT NULL,
    sequence bigint NOT NULL DEFAULT 0 CHECK (sequence >= 0),
    kafka_offset bigint NOT NULL DEFAULT -1 CHECK (kafka_offset >= -1),
    -- Others were told more than this database knows, and it is not corrected yet: what lies here decides nothing.
    doubted boolean NOT NULL DEFAULT false,
    PRIMARY KEY (source, partition),
    FOREIGN KEY (source, partition) REFERENCES outbox_head (source, partition)
) WITH (fillfactor = 20, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);

-- The times at which it was noticed that the log has more of ours than this database: it was restored from a backup.
-- Settled is what rests on the database alone and had come back to life with it.
CREATE TABLE outbox_restoration (
    found_at timestamptz PRIMARY KEY,
    settled_at timestamptz CHECK (settled_at >= found_at)
);
CREATE UNIQUE INDEX outbox_restoration_open ON outbox_restoration ((true)) WHERE settled_at IS NULL;

-- Which events were taken over from the log, since the database did not have them.
CREATE TABLE outbox_adopted (
    event_id uuid PRIMARY KEY
);

-- What was told of aggregates by events that were taken over from the log, until it is corrected by an event with a
-- higher version.
CREATE TABLE outbox_told (
    source text NOT NULL,
    key uuid NOT NULL,
    partition integer NOT NULL CHECK (partition BETWEEN 0 AND 31),
    kind text NOT NULL CHECK (kind ~ '^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*$'),
    version bigint NOT NULL CHECK (version > 0),
    -- What told that version, as it was published.
    envelope text NOT NULL,
    PRIMARY KEY (source, key)
);
CREATE INDEX outbox_told_partition ON outbox_told (source, partition, key);
