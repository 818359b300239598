-- A natural person. The id says nothing without a key (ADR 49); everything that other services know of her hangs on it.
CREATE TABLE person (
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    -- When she first signed in; whoever decides about her reads her first name from then on.
    signed_in_at timestamptz,
    CONSTRAINT person_pkey PRIMARY KEY (id)
);

-- Her national number, sealed (AES-GCM, key id inside, the person id as associated data).
CREATE TABLE person_number (
    person_id uuid NOT NULL,
    sealed bytea NOT NULL,
    key_id text GENERATED ALWAYS AS (
        encode(substring(sealed FROM 2 FOR get_byte(sealed, 0)), 'escape')) STORED,
    CONSTRAINT person_number_pkey PRIMARY KEY (person_id),
    CONSTRAINT person_number_person_fkey FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE CASCADE,
    CONSTRAINT person_number_sealed_check CHECK (octet_length(sealed) BETWEEN 40 AND 128)
);

CREATE INDEX person_number_key_idx ON person_number (key_id);

-- The blind index by which a number is found: HMAC under a named key, one row for each key in use.
CREATE TABLE person_number_index (
    key_id text NOT NULL,
    digest bytea NOT NULL,
    person_id uuid NOT NULL,
    CONSTRAINT person_number_index_pkey PRIMARY KEY (key_id, digest),
    CONSTRAINT person_number_index_once UNIQUE (person_id, key_id),
    CONSTRAINT person_number_index_number_fkey FOREIGN KEY (person_id) REFERENCES person_number (person_id)
        ON DELETE CASCADE,
    CONSTRAINT person_number_index_digest_check CHECK (octet_length(digest) = 32)
);

-- What she is called and which language she reads: of the person, whichever digital keys she has, or none.
CREATE TABLE person_name (
    person_id uuid NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    language text NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT person_name_pkey PRIMARY KEY (person_id),
    CONSTRAINT person_name_person_fkey FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE CASCADE,
    CONSTRAINT person_name_names_check CHECK (
        char_length(first_name) <= 100 AND char_length(last_name) <= 100 AND first_name || last_name <> ''),
    CONSTRAINT person_name_language_check CHECK (language IN ('nl', 'fr', 'de', 'en'))
);
