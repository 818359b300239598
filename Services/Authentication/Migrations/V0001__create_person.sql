-- A natural person. The id says nothing without a key (ADR 49); everything that other services know of her hangs on it.
CREATE TABLE person (
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    -- When she first signed in; whoever decides about her reads her first name from then on.
    signed_in_at timestamptz,
    -- From 1; each change that is told adds one, also across an erasure.
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT person_pkey PRIMARY KEY (id),
    CONSTRAINT person_version_check CHECK (version >= 1)
);

-- Who was erased, in which version: of her there is nothing left but the id that others' records have.
CREATE TABLE erased_person (
    id uuid NOT NULL,
    version bigint NOT NULL,
    erased_at timestamptz NOT NULL,
    CONSTRAINT erased_person_pkey PRIMARY KEY (id)
);

-- Her national number, and those that it replaced (a BIS number by that of the National Register, ADR 59), sealed
-- (AES-GCM, key id inside, the person id as associated data).
CREATE TABLE person_number (
    person_id uuid NOT NULL,
    ordinal smallint NOT NULL DEFAULT 1,
    sealed bytea NOT NULL,
    key_id text GENERATED ALWAYS AS (
        encode(substring(sealed FROM 2 FOR get_byte(sealed, 0)), 'escape')) STORED,
    known_since timestamptz NOT NULL,
    replaced_at timestamptz,
    replaced_because text,
    CONSTRAINT person_number_pkey PRIMARY KEY (person_id, ordinal),
    CONSTRAINT person_number_person_fkey FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE CASCADE,
    CONSTRAINT person_number_sealed_check CHECK (octet_length(sealed) BETWEEN 40 AND 128),
    CONSTRAINT person_number_ordinal_check CHECK (ordinal >= 1),
    CONSTRAINT person_number_replaced_check CHECK (
        (replaced_at IS NULL) = (replaced_because IS NULL) AND replaced_at >= known_since),
    CONSTRAINT person_number_because_check CHECK (replaced_because IN ('bis-replaced', 'corrected'))
);

-- One number at a time.
CREATE UNIQUE INDEX person_number_current_key ON person_number (person_id) WHERE replaced_at IS NULL;

CREATE INDEX person_number_key_idx ON person_number (key_id);

-- The blind index by which a number is found: HMAC under a named key, one row for each key in use. A number is of one
-- person for ever, also after it was replaced.
CREATE TABLE person_number_index (
    key_id text NOT NULL,
    digest bytea NOT NULL,
    person_id uuid NOT NULL,
    ordinal smallint NOT NULL DEFAULT 1,
    CONSTRAINT person_number_index_pkey PRIMARY KEY (key_id, digest),
    CONSTRAINT person_number_index_once UNIQUE (person_id, ordinal, key_id),
    CONSTRAINT person_number_index_number_fkey FOREIGN KEY (person_id, ordinal)
        REFERENCES person_number (person_id, ordinal) ON DELETE CASCADE,
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
