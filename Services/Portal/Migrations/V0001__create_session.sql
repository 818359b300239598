-- A sign-in that the browser was sent away for. The state and the browser's cookie are kept as SHA-256 only; nonce and
-- PKCE verifier are sealed. A state is answered once; the same answer of the same browser moments later is the second
-- half of a double click, and is told what became of the first.
CREATE TABLE sign_in_attempt (
    state_hash bytea NOT NULL,
    browser_hash bytea NOT NULL,
    secrets bytea NOT NULL,
    secrets_key_id text GENERATED ALWAYS AS (
        encode(substring(secrets FROM 2 FOR get_byte(secrets, 0)), 'escape')) STORED,
    return_path text NOT NULL,
    -- Whether the person has to show her digital key again, since her last session here was left alone.
    asks_again boolean NOT NULL,
    started_at timestamptz NOT NULL,
    answered_at timestamptz,
    -- SHA-256 of the code that came; whether a session was opened by it is not known before that.
    answer_hash bytea,
    opened boolean,
    CONSTRAINT sign_in_attempt_pkey PRIMARY KEY (state_hash),
    CONSTRAINT sign_in_attempt_hash_check CHECK (octet_length(state_hash) = 32 AND octet_length(browser_hash) = 32),
    CONSTRAINT sign_in_attempt_answer_check CHECK (
        (answered_at IS NULL) = (answer_hash IS NULL) AND (opened IS NULL OR answered_at IS NOT NULL)),
    CONSTRAINT sign_in_attempt_return_path_check CHECK (return_path ~ '^/[A-Za-z0-9_/-]*$')
);

CREATE INDEX sign_in_attempt_key_idx ON sign_in_attempt (secrets_key_id);
CREATE INDEX sign_in_attempt_started_at_idx ON sign_in_attempt (started_at);

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

-- A logout token that was used: it counts once.
CREATE TABLE logout_token (
    token_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT logout_token_pkey PRIMARY KEY (token_hash),
    CONSTRAINT logout_token_hash_check CHECK (octet_length(token_hash) = 32)
);

CREATE INDEX logout_token_expires_at_idx ON logout_token (expires_at);
