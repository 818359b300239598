-- What authentication-service told to have ended before its time: access tokens of it open nothing here. A row is kept
-- until no access token of it can be left.
CREATE TABLE ended_access (
    kind text NOT NULL,
    id uuid NOT NULL,
    until timestamptz NOT NULL,
    -- The place of the event that told it. A partition is written by one instance at a time and in order, so whoever has
    -- read up to a number misses nothing below it.
    partition integer NOT NULL CHECK (partition BETWEEN 0 AND 31),
    sequence bigint NOT NULL CHECK (sequence > 0),
    CONSTRAINT ended_access_pkey PRIMARY KEY (kind, id),
    CONSTRAINT ended_access_kind_check CHECK (kind IN ('sid', 'family', 'jti'))
);

CREATE INDEX ended_access_place_idx ON ended_access (partition, sequence);
CREATE INDEX ended_access_until_idx ON ended_access (until);
