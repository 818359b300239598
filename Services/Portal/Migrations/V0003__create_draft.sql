-- What somebody typed in a form and could not save, sealed for her and that form. It goes when the form is saved, and
-- after an hour.
CREATE TABLE draft (
    -- SHA-256 of whom the identity provider says it is.
    subject_hash bytea NOT NULL,
    -- The kind of form and what it is about.
    form text NOT NULL,
    content bytea NOT NULL,
    content_key_id text GENERATED ALWAYS AS (
        encode(substring(content FROM 2 FOR get_byte(content, 0)), 'escape')) STORED,
    kept_at timestamptz NOT NULL,
    CONSTRAINT draft_pkey PRIMARY KEY (subject_hash, form),
    CONSTRAINT draft_hash_check CHECK (octet_length(subject_hash) = 32),
    CONSTRAINT draft_form_check CHECK (form ~ '^(contact|right):[0-9a-f-]{36}$'),
    CONSTRAINT draft_content_check CHECK (octet_length(content) BETWEEN 1 AND 8192)
);

-- Which keys are still needed.
CREATE INDEX draft_key_idx ON draft (content_key_id);
-- What is cleared away.
CREATE INDEX draft_kept_at_idx ON draft (kept_at);
