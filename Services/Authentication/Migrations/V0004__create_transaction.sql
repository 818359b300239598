-- One run from a portal's authorization request to its code. It belongs to the browser whose cookie has this hash. A run
-- in which nobody has signed in yet has no row: the browser carries it, sealed.
CREATE TABLE sign_in_transaction (
    id uuid NOT NULL,
    browser_hash bytea NOT NULL,
    client_id text NOT NULL,
    redirect_uri text NOT NULL,
    scopes text[] NOT NULL,
    resources text[] NOT NULL,
    state text,
    nonce text,
    code_challenge text NOT NULL,
    minimum_acr smallint NOT NULL,
    prompt text NOT NULL,
    maximum_age bigint,
    language text NOT NULL,
    -- Whom the portal expects, by the subject that it knows her by.
    expected_subject text,
    session_id uuid NOT NULL,
    -- What a second click needs to be answered as the first was: when the person signed in, a keyed digest of the form
    -- that she sent, and the hash that the browser's cookie had before.
    signed_in_at timestamptz,
    sign_in_digest bytea,
    browser_hash_before bytea,
    started_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    completed_at timestamptz,
    CONSTRAINT sign_in_transaction_pkey PRIMARY KEY (id),
    CONSTRAINT sign_in_transaction_session_fkey FOREIGN KEY (session_id) REFERENCES person_session (id)
        ON DELETE CASCADE,
    CONSTRAINT sign_in_transaction_browser_check CHECK (octet_length(browser_hash) = 32),
    CONSTRAINT sign_in_transaction_client_check CHECK (char_length(client_id) BETWEEN 1 AND 100),
    CONSTRAINT sign_in_transaction_opaque_check CHECK (
        char_length(state) BETWEEN 1 AND 2048 AND char_length(nonce) BETWEEN 1 AND 2048),
    CONSTRAINT sign_in_transaction_challenge_check CHECK (code_challenge ~ '^[A-Za-z0-9_-]{43}$'),
    CONSTRAINT sign_in_transaction_acr_check CHECK (minimum_acr IN (100, 200, 350, 400, 450, 500)),
    CONSTRAINT sign_in_transaction_prompt_check CHECK (prompt IN ('automatic', 'none', 'login')),
    CONSTRAINT sign_in_transaction_language_check CHECK (language IN ('nl', 'fr', 'de', 'en')),
    CONSTRAINT sign_in_transaction_period_check CHECK (expires_at > started_at),
    CONSTRAINT sign_in_transaction_signed_in_check CHECK (
        num_nulls(signed_in_at, sign_in_digest, browser_hash_before) IN (0, 3))
);

CREATE INDEX sign_in_transaction_expires_idx ON sign_in_transaction (expires_at);
CREATE INDEX sign_in_transaction_session_idx ON sign_in_transaction (session_id);

-- The errand on which the browser goes to the profile picker and comes back.
CREATE TABLE interaction (
    id uuid NOT NULL,
    transaction_id uuid NOT NULL,
    session_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    redeemed_at timestamptz,
    redeemed_by text,
    choice jsonb,
    chosen_at timestamptz,
    resumed_at timestamptz,
    CONSTRAINT interaction_pkey PRIMARY KEY (id),
    CONSTRAINT interaction_transaction_fkey FOREIGN KEY (transaction_id) REFERENCES sign_in_transaction (id)
        ON DELETE CASCADE,
    CONSTRAINT interaction_session_fkey FOREIGN KEY (session_id) REFERENCES person_session (id) ON DELETE CASCADE,
    CONSTRAINT interaction_redeemed_check CHECK ((redeemed_at IS NULL) = (redeemed_by IS NULL)),
    CONSTRAINT interaction_choice_check CHECK ((choice IS NULL) = (chosen_at IS NULL)),
    CONSTRAINT interaction_order_check CHECK (
        (choice IS NULL OR redeemed_at IS NOT NULL) AND (resumed_at IS NULL OR choice IS NOT NULL))
);

CREATE INDEX interaction_transaction_idx ON interaction (transaction_id);
CREATE INDEX interaction_session_idx ON interaction (session_id);

-- A code that a portal exchanges once, known by its SHA-256.
CREATE TABLE authorization_code (
    hash bytea NOT NULL,
    transaction_id uuid NOT NULL,
    session_id uuid NOT NULL,
    choice jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    token_family uuid,
    CONSTRAINT authorization_code_pkey PRIMARY KEY (hash),
    CONSTRAINT authorization_code_once UNIQUE (transaction_id),
    CONSTRAINT authorization_code_transaction_fkey FOREIGN KEY (transaction_id) REFERENCES sign_in_transaction (id)
        ON DELETE CASCADE,
    CONSTRAINT authorization_code_session_fkey FOREIGN KEY (session_id) REFERENCES person_session (id)
        ON DELETE CASCADE,
    CONSTRAINT authorization_code_hash_check CHECK (octet_length(hash) = 32),
    CONSTRAINT authorization_code_life_check CHECK (
        expires_at > created_at AND expires_at <= created_at + interval '60 seconds'),
    CONSTRAINT authorization_code_used_check CHECK (used_at IS NOT NULL OR token_family IS NULL)
);

CREATE INDEX authorization_code_session_idx ON authorization_code (session_id);
