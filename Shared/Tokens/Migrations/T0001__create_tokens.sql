-- What a token rests on: a mandate, a right, a session, a dossier. A row is made when the first token is issued on it
-- or when it ends, whichever comes first. Once ended, ended_version is the tombstone: nothing is issued at or below it.
CREATE TABLE token_basis (
    kind text NOT NULL,
    id uuid NOT NULL,
    ended_version bigint,
    ended_at timestamptz,
    CONSTRAINT token_basis_pkey PRIMARY KEY (kind, id),
    CONSTRAINT token_basis_kind_check CHECK (kind ~ '^[a-z][a-z-]{0,31}$'),
    CONSTRAINT token_basis_tombstone_check CHECK ((ended_version IS NULL) = (ended_at IS NULL)),
    CONSTRAINT token_basis_version_check CHECK (ended_version >= 0)
);

CREATE INDEX token_basis_ended_at_idx ON token_basis (kind, ended_at) WHERE ended_at IS NOT NULL;

-- The tokens that one code was exchanged for, and all that were refreshed from them: they can be ended together.
CREATE TABLE token_family (
    id uuid NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_reason text,
    CONSTRAINT token_family_pkey PRIMARY KEY (id),
    CONSTRAINT token_family_end_check CHECK ((ended_at IS NULL) = (ended_reason IS NULL)),
    CONSTRAINT token_family_reason_check CHECK (ended_reason IN ('reuse', 'revoked', 'restored'))
);

-- A token is known by the SHA-256 of its text; the text itself is kept nowhere.
CREATE TABLE token (
    hash bytea NOT NULL,
    purpose text NOT NULL,
    family uuid,
    claims jsonb NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT token_pkey PRIMARY KEY (hash),
    CONSTRAINT token_family_fkey FOREIGN KEY (family) REFERENCES token_family (id),
    CONSTRAINT token_hash_check CHECK (octet_length(hash) = 32),
    CONSTRAINT token_purpose_check CHECK (purpose ~ '^[a-z][a-z-]{0,31}$'),
    CONSTRAINT token_claims_check CHECK (jsonb_typeof(claims) = 'object'),
    CONSTRAINT token_period_check CHECK (expires_at > issued_at)
);

CREATE INDEX token_expires_at_idx ON token (expires_at);
CREATE INDEX token_family_idx ON token (family) WHERE family IS NOT NULL;

-- Which bases a token rests on, each in the version that its issuer had read.
CREATE TABLE token_binding (
    hash bytea NOT NULL,
    kind text NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT token_binding_pkey PRIMARY KEY (hash, kind, id),
    CONSTRAINT token_binding_token_fkey FOREIGN KEY (hash) REFERENCES token (hash) ON DELETE CASCADE,
    CONSTRAINT token_binding_basis_fkey FOREIGN KEY (kind, id) REFERENCES token_basis (kind, id),
    CONSTRAINT token_binding_version_check CHECK (version >= 0)
);

CREATE INDEX token_binding_basis_idx ON token_binding (kind, id);
