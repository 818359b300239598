-- The assertions that clients have authenticated with; each counts once (RFC 7523).
CREATE TABLE client_assertion (
    client_id text NOT NULL,
    assertion_id text NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT client_assertion_pkey PRIMARY KEY (client_id, assertion_id),
    CONSTRAINT client_assertion_id_check CHECK (char_length(assertion_id) BETWEEN 1 AND 255)
);

CREATE INDEX client_assertion_expires_idx ON client_assertion (expires_at);

-- The keys that sign tokens, the private part sealed. The number makes two instances that rotate at once agree.
CREATE TABLE signing_key (
    number integer NOT NULL,
    id text NOT NULL,
    sealed bytea NOT NULL,
    key_id text GENERATED ALWAYS AS (
        encode(substring(sealed FROM 2 FOR get_byte(sealed, 0)), 'escape')) STORED,
    published_at timestamptz NOT NULL,
    signs_from timestamptz NOT NULL,
    CONSTRAINT signing_key_pkey PRIMARY KEY (number),
    CONSTRAINT signing_key_id_key UNIQUE (id),
    CONSTRAINT signing_key_number_check CHECK (number > 0),
    CONSTRAINT signing_key_order_check CHECK (signs_from >= published_at)
);

-- What is known from events of the organisations that people act for: tokens end when one stops.
CREATE TABLE organisation_fact (
    organisation_id uuid NOT NULL,
    version bigint NOT NULL,
    active boolean NOT NULL,
    CONSTRAINT organisation_fact_pkey PRIMARY KEY (organisation_id)
);

-- The last days of rights, as events tell them: when that day is over, the tokens end that rest on the right.
CREATE TABLE right_period (
    right_id uuid NOT NULL,
    version bigint NOT NULL,
    last_day date NOT NULL,
    CONSTRAINT right_period_pkey PRIMARY KEY (right_id)
);

CREATE INDEX right_period_last_day_idx ON right_period (last_day);
