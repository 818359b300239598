-- The names under which dossiers wait that are nobody's own yet, until their persons sign in and the names agree.
CREATE TABLE waiting_dossier (
    id uuid PRIMARY KEY REFERENCES dossier,
    person_id uuid NOT NULL,
    -- The name that was delivered beside the number, sealed.
    last_name bytea NOT NULL CHECK (octet_length(last_name) BETWEEN 31 AND 512),
    key_id text GENERATED ALWAYS AS (
        encode(substring(last_name FROM 2 FOR get_byte(last_name, 0)), 'escape')) STORED,
    delivered_at timestamptz NOT NULL
);

CREATE INDEX waiting_dossier_person_idx ON waiting_dossier (person_id);
CREATE INDEX waiting_dossier_key_idx ON waiting_dossier (key_id);
