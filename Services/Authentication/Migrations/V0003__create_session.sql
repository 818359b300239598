-- A person who is signed in on one browser. The browser's cookie is known by its SHA-256 only.
CREATE TABLE person_session (
    id uuid NOT NULL,
    cookie_hash bytea NOT NULL,
    person_id uuid NOT NULL,
    digital_key text NOT NULL,
    acr smallint NOT NULL,
    language text NOT NULL,
    started_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    ended_at timestamptz,
    end_reason text,
    CONSTRAINT person_session_pkey PRIMARY KEY (id),
    CONSTRAINT person_session_cookie_key UNIQUE (cookie_hash),
    CONSTRAINT person_session_person_fkey FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE CASCADE,
    CONSTRAINT person_session_cookie_check CHECK (octet_length(cookie_hash) = 32),
    CONSTRAINT person_session_key_check CHECK (
        digital_key IN ('eid', 'itsme', 'email-code', 'app-code', 'eidas')),
    CONSTRAINT person_session_acr_check CHECK (acr IN (100, 200, 350, 400, 450, 500)),
    CONSTRAINT person_session_language_check CHECK (language IN ('nl', 'fr', 'de', 'en')),
    CONSTRAINT person_session_used_check CHECK (last_used_at >= started_at),
    CONSTRAINT person_session_end_check CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
    CONSTRAINT person_session_reason_check CHECK (
        end_reason IN ('signed-out', 'expired', 'replaced', 'security'))
);

-- Finds the sessions whose time is over.
CREATE INDEX person_session_live_idx ON person_session (last_used_at) WHERE ended_at IS NULL;
CREATE INDEX person_session_started_idx ON person_session (started_at) WHERE ended_at IS NULL;
CREATE INDEX person_session_ended_idx ON person_session (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX person_session_person_idx ON person_session (person_id);

-- The portals that signed the person in within a session: who is told when it ends.
CREATE TABLE session_client (
    session_id uuid NOT NULL,
    client_id text NOT NULL,
    first_used_at timestamptz NOT NULL,
    CONSTRAINT session_client_pkey PRIMARY KEY (session_id, client_id),
    CONSTRAINT session_client_session_fkey FOREIGN KEY (session_id) REFERENCES person_session (id) ON DELETE CASCADE,
    CONSTRAINT session_client_client_check CHECK (char_length(client_id) BETWEEN 1 AND 100)
);

-- The logout tokens that portals have still to be given (OpenID Connect Back-Channel Logout): at least once each.
CREATE TABLE logout_delivery (
    session_id uuid NOT NULL,
    client_id text NOT NULL,
    person_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    CONSTRAINT logout_delivery_pkey PRIMARY KEY (session_id, client_id),
    CONSTRAINT logout_delivery_attempts_check CHECK (attempts >= 0)
);

CREATE INDEX logout_delivery_due_idx ON logout_delivery (next_attempt_at);
