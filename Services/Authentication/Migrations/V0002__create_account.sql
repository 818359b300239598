-- What a person signs in with: a user name, a password (scrypt, with the cost of each hash) and the secret of her app.
CREATE TABLE account (
    person_id uuid NOT NULL,
    user_name text NOT NULL,
    password_salt bytea NOT NULL,
    password_hash bytea NOT NULL,
    password_rounds integer NOT NULL,
    password_block_size smallint NOT NULL,
    password_parallelism smallint NOT NULL,
    app_secret bytea NOT NULL,
    app_secret_key_id text GENERATED ALWAYS AS (
        encode(substring(app_secret FROM 2 FOR get_byte(app_secret, 0)), 'escape')) STORED,
    last_code_step bigint,
    email text NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT account_pkey PRIMARY KEY (person_id),
    CONSTRAINT account_person_fkey FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE CASCADE,
    CONSTRAINT account_user_name_key UNIQUE (user_name),
    CONSTRAINT account_user_name_check CHECK (user_name ~ '^[a-z0-9._@+-]{1,64}$'),
    CONSTRAINT account_salt_check CHECK (octet_length(password_salt) >= 16),
    CONSTRAINT account_hash_check CHECK (octet_length(password_hash) = 32),
    CONSTRAINT account_cost_check CHECK (
        password_rounds > 1 AND password_block_size > 0 AND password_parallelism > 0),
    CONSTRAINT account_email_check CHECK (char_length(email) BETWEEN 3 AND 254)
);

CREATE INDEX account_app_secret_key_idx ON account (app_secret_key_id);

-- The failed sign-ins that make somebody wait, as leaky buckets: each is the moment at which all that is in it will have
-- leaked out. A row in the past is as good as none. Account and place are HMACs, so the table names nobody: of the user
-- name as it was typed (whether somebody has it or not; empty for a network's bucket), and of a browser or network.
CREATE TABLE throttle_bucket (
    kind text NOT NULL,
    digital_key text NOT NULL,
    account bytea NOT NULL,
    place bytea NOT NULL,
    empty_at timestamptz NOT NULL,
    CONSTRAINT throttle_bucket_pkey PRIMARY KEY (kind, digital_key, account, place),
    CONSTRAINT throttle_bucket_kind_check CHECK (
        kind IN ('code', 'known-browser', 'unknown-browser', 'source', 'wide-source')),
    CONSTRAINT throttle_bucket_key_check CHECK (
        digital_key IN ('eid', 'itsme', 'email-code', 'app-code', 'eidas')),
    CONSTRAINT throttle_bucket_account_check CHECK (
        octet_length(account) = CASE WHEN kind IN ('source', 'wide-source') THEN 0 ELSE 32 END),
    CONSTRAINT throttle_bucket_place_check CHECK (
        octet_length(place) = 32 OR (kind = 'code' AND octet_length(place) = 0))
);

CREATE INDEX throttle_bucket_account_idx ON throttle_bucket (account) WHERE octet_length(account) > 0;
CREATE INDEX throttle_bucket_empty_idx ON throttle_bucket (empty_at);

-- A browser in which somebody has signed in with her account; known by the SHA-256 of its cookie. It proves nothing: it
-- only has failures of its own, so that strangers cannot make it wait.
CREATE TABLE device (
    person_id uuid NOT NULL,
    browser_hash bytea NOT NULL,
    last_success_at timestamptz NOT NULL,
    CONSTRAINT device_pkey PRIMARY KEY (person_id, browser_hash),
    CONSTRAINT device_account_fkey FOREIGN KEY (person_id) REFERENCES account (person_id) ON DELETE CASCADE,
    CONSTRAINT device_browser_check CHECK (octet_length(browser_hash) = 32)
);

CREATE INDEX device_browser_idx ON device (browser_hash);
CREATE INDEX device_last_success_idx ON device (last_success_at);
