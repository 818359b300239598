-- A person who signed in with a browser. The cookie is kept as SHA-256 only; the tokens are sealed for this row and go
-- when the session ends, the row itself stays for a while so that the next page can say why.
CREATE TABLE session (
    id uuid NOT NULL,
    cookie_hash bytea NOT NULL,
    subject text NOT NULL,
    provider_session text NOT NULL,
    name text,
    profile jsonb NOT NULL,
    -- The name of the organisation within which she acts, once it was asked for.
    organisation_name text,
    acr integer NOT NULL,
    signed_in_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    tokens bytea,
    tokens_key_id text GENERATED ALWAYS AS (
        encode(substring(tokens FROM 2 FOR get_byte(tokens, 0)), 'escape')) STORED,
    -- What the person's own writes made, for the reads that follow.
    positions text,
    positions_at timestamptz,
    ended_at timestamptz,
    end_reason text,
    CONSTRAINT session_pkey PRIMARY KEY (id),
    CONSTRAINT session_cookie_key UNIQUE (cookie_hash),
    CONSTRAINT session_cookie_check CHECK (octet_length(cookie_hash) = 32),
    CONSTRAINT session_text_check CHECK (
        length(subject) BETWEEN 1 AND 255 AND length(provider_session) BETWEEN 1 AND 255),
    CONSTRAINT session_acr_check CHECK (acr IN (100, 200, 350, 400, 450, 500)),
    CONSTRAINT session_seen_check CHECK (last_seen_at >= signed_in_at),
    CONSTRAINT session_positions_check CHECK ((positions IS NULL) = (positions_at IS NULL)),
    CONSTRAINT session_end_check CHECK (
        CASE WHEN ended_at IS NULL THEN end_reason IS NULL AND tokens IS NOT NULL
        ELSE tokens IS NULL AND end_reason IN
            ('signed-out', 'ended-by-provider', 'refresh-refused', 'idle', 'too-old') END)
);

-- What the provider names when it ends sessions.
CREATE INDEX session_provider_idx ON session (provider_session) WHERE ended_at IS NULL;
CREATE INDEX session_subject_idx ON session (subject) WHERE ended_at IS NULL;
-- Which keys are still needed.
CREATE INDEX session_tokens_key_idx ON session (tokens_key_id) WHERE tokens_key_id IS NOT NULL;
-- What is cleared away.
CREATE INDEX session_last_seen_idx ON session (last_seen_at);

-- An answer of the identity provider whose code is being exchanged at this moment, by the SHA-256 of the cookie of the
-- session that it opens: a double click exchanges no code twice. The row goes with the outcome.
CREATE TABLE answer_under_way (
    cookie_hash bytea NOT NULL,
    begun_at timestamptz NOT NULL,
    CONSTRAINT answer_under_way_pkey PRIMARY KEY (cookie_hash),
    CONSTRAINT answer_under_way_hash_check CHECK (octet_length(cookie_hash) = 32)
);

-- A logout token that was used: it counts once.
CREATE TABLE logout_token (
    token_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT logout_token_pkey PRIMARY KEY (token_hash),
    CONSTRAINT logout_token_hash_check CHECK (octet_length(token_hash) = 32)
);

CREATE INDEX logout_token_expires_at_idx ON logout_token (expires_at);
