-- How far a projection has come in a partition of a source. It moves in the transaction of the effect, and only under
-- the epoch of the partition's lease.
CREATE TABLE position (
    projection text NOT NULL CHECK (projection <> ''),
    source text NOT NULL CHECK (source <> ''),
    partition integer NOT NULL CHECK (partition BETWEEN 0 AND 31),
    sequence bigint NOT NULL DEFAULT 0 CHECK (sequence >= 0),
    -- Not known where nothing was handled, or where older events were skipped.
    event_id uuid,
    kafka_offset bigint NOT NULL DEFAULT -1 CHECK (kafka_offset >= -1),
    state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'halted')),
    -- gap: an event is missing and was asked for; diverged: the source tells another past; uncertain: the source is not
    -- sure itself. What depends on the partition is refused meanwhile; each ends by itself.
    reason text CHECK (reason IN ('gap', 'diverged', 'uncertain')),
    caught_up_at timestamptz,
    PRIMARY KEY (projection, source, partition),
    CHECK (sequence > 0 OR event_id IS NULL),
    CHECK ((state = 'halted') = (reason IS NOT NULL))
) WITH (fillfactor = 50);

-- Events that could not be handled, and those of the same key behind them, in their order.
CREATE TABLE parked (
    projection text NOT NULL,
    source text NOT NULL,
    partition integer NOT NULL,
    sequence bigint NOT NULL CHECK (sequence > 0),
    key uuid NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    envelope text NOT NULL,
    -- The kind of the error, never its text, which may quote data.
    error text NOT NULL,
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at timestamptz NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (projection, source, partition, sequence),
    FOREIGN KEY (projection, source, partition) REFERENCES position (projection, source, partition)
);
CREATE INDEX parked_key ON parked (source, key);
