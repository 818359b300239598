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

-- Consecutive failures, of a user name (whether somebody has it or not) or of an address. The key is an HMAC, so the
-- table names neither.
CREATE TABLE sign_in_failure (
    kind text NOT NULL,
    key bytea NOT NULL,
    failures integer NOT NULL,
    last_failure_at timestamptz NOT NULL,
    CONSTRAINT sign_in_failure_pkey PRIMARY KEY (kind, key),
    CONSTRAINT sign_in_failure_kind_check CHECK (kind IN ('account', 'source')),
    CONSTRAINT sign_in_failure_key_check CHECK (octet_length(key) = 32),
    CONSTRAINT sign_in_failure_count_check CHECK (failures > 0)
);

CREATE INDEX sign_in_failure_last_idx ON sign_in_failure (last_failure_at);
