-- Mandates that were delivered for a holder's number and last name which are not known to be of one person. They begin
-- when somebody with that number signs in and the names agree; until then they are in no event.
CREATE TABLE waiting_mandate (
    id uuid NOT NULL,
    grantor_person uuid NOT NULL,
    grantor_dossier uuid NOT NULL,
    grantor_profession text NOT NULL,
    -- Whoever has the holder's number.
    person_id uuid NOT NULL,
    type text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    -- The name that was delivered beside that number, sealed.
    last_name bytea NOT NULL,
    key_id text GENERATED ALWAYS AS (
        encode(substring(last_name FROM 2 FOR get_byte(last_name, 0)), 'escape')) STORED,
    delivered_at timestamptz NOT NULL,
    waits_until timestamptz NOT NULL,
    -- The person signed in, or the row was delivered just now, and the names were not compared since.
    due_at timestamptz,
    CONSTRAINT waiting_mandate_pkey PRIMARY KEY (id),
    CONSTRAINT waiting_mandate_to_oneself_check CHECK (person_id <> grantor_person),
    CONSTRAINT waiting_mandate_type_check CHECK (type IN ('social-statute', 'administrative-dossier')),
    CONSTRAINT waiting_mandate_period_check CHECK (ends_on >= starts_on),
    CONSTRAINT waiting_mandate_last_name_check CHECK (octet_length(last_name) BETWEEN 31 AND 512),
    CONSTRAINT waiting_mandate_waits_check CHECK (waits_until > delivered_at)
);

-- What waits for somebody who signs in, and what a delivery is compared with.
CREATE INDEX waiting_mandate_person_idx ON waiting_mandate (person_id, grantor_dossier, type);
CREATE INDEX waiting_mandate_grantor_idx ON waiting_mandate (grantor_person);
-- Whose names are to be compared, and what has waited for too long.
CREATE INDEX waiting_mandate_due_idx ON waiting_mandate (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX waiting_mandate_until_idx ON waiting_mandate (waits_until);
CREATE INDEX waiting_mandate_last_day_idx ON waiting_mandate (ends_on) WHERE ends_on IS NOT NULL;
CREATE INDEX waiting_mandate_key_idx ON waiting_mandate (key_id);
