-- What authentication-service told to have ended before its time: access tokens of it open nothing here. A row is kept
-- until no access token can be left.
CREATE TABLE ended_access (
    kind text NOT NULL,
    id uuid NOT NULL,
    until timestamptz NOT NULL,
    -- By the database's clock; instances look for what was learnt since they last looked.
    learnt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT ended_access_pkey PRIMARY KEY (kind, id),
    CONSTRAINT ended_access_kind_check CHECK (kind IN ('sid', 'family', 'jti'))
);

CREATE INDEX ended_access_learnt_at_idx ON ended_access (learnt_at);
CREATE INDEX ended_access_until_idx ON ended_access (until);
