-- Appointments of access managers that were delivered for a number and a last name which are not known to be of one
-- person. They begin when somebody with that number signs in and the names agree; until then they are in no event.
CREATE TABLE waiting_appointment (
    id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL,
    -- The name that was delivered, sealed.
    last_name bytea NOT NULL,
    key_id text GENERATED ALWAYS AS (
        encode(substring(last_name FROM 2 FOR get_byte(last_name, 0)), 'escape')) STORED,
    delivered_at timestamptz NOT NULL,
    waits_until timestamptz NOT NULL,
    -- The person signed in, or the row was delivered just now, and the names were not compared since.
    due_at timestamptz,
    CONSTRAINT waiting_appointment_pkey PRIMARY KEY (id),
    CONSTRAINT waiting_appointment_organisation_fkey FOREIGN KEY (organisation_id) REFERENCES organisation,
    CONSTRAINT waiting_appointment_role_check CHECK (role IN ('chief-access-manager', 'access-manager')),
    CONSTRAINT waiting_appointment_last_name_check CHECK (octet_length(last_name) BETWEEN 31 AND 512),
    CONSTRAINT waiting_appointment_waits_check CHECK (waits_until > delivered_at),
    -- What an authority delivered last is what waits.
    CONSTRAINT waiting_appointment_once UNIQUE (person_id, organisation_id)
);

CREATE INDEX waiting_appointment_due_idx ON waiting_appointment (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX waiting_appointment_until_idx ON waiting_appointment (waits_until);
CREATE INDEX waiting_appointment_key_idx ON waiting_appointment (key_id);
