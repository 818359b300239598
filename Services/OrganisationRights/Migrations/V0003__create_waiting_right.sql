-- Rights that were given to a number and a last name which are not known to be of one person. They become rights when
-- somebody with that number signs in and the names agree; until then they are in no event.
CREATE TABLE waiting_right (
    id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    masked_number text NOT NULL,
    role text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    -- The name that was typed, sealed; it goes with the waiting.
    last_name bytea,
    key_id text GENERATED ALWAYS AS (
        encode(substring(last_name FROM 2 FOR get_byte(last_name, 0)), 'escape')) STORED,
    given_by uuid,
    given_at timestamptz NOT NULL,
    waits_until timestamptz NOT NULL,
    -- The person signed in, or the right was written down just now, and the names were not compared since.
    due_at timestamptz,
    ended_by uuid,
    ended_at timestamptz,
    CONSTRAINT waiting_right_pkey PRIMARY KEY (id),
    CONSTRAINT waiting_right_organisation_fkey FOREIGN KEY (organisation_id) REFERENCES organisation,
    CONSTRAINT waiting_right_masked_number_check CHECK (masked_number ~ '^[0-9]{2}\.[0-9]{2}\.[0-9]{2}-\*{3}\.\*{2}$'),
    CONSTRAINT waiting_right_role_check CHECK (char_length(role) BETWEEN 1 AND 64),
    CONSTRAINT waiting_right_period_check CHECK (ends_on >= starts_on),
    CONSTRAINT waiting_right_last_name_check CHECK (octet_length(last_name) BETWEEN 31 AND 512),
    CONSTRAINT waiting_right_waits_check CHECK (waits_until > given_at),
    CONSTRAINT waiting_right_ended_check CHECK (
        (ended_at IS NULL) = (last_name IS NOT NULL) AND ended_at >= given_at
        AND (ended_at IS NULL OR due_at IS NULL) AND (ended_by IS NULL OR ended_at IS NOT NULL))
);

-- The list of an organisation, newest first, a page at a time.
CREATE INDEX waiting_right_organisation_idx ON waiting_right (organisation_id, id DESC);
-- What waits for somebody who signs in.
CREATE INDEX waiting_right_person_idx ON waiting_right (person_id, organisation_id, role) WHERE ended_at IS NULL;
-- Whose names are to be compared, what has waited for too long, and what is shown no longer.
CREATE INDEX waiting_right_due_idx ON waiting_right (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX waiting_right_until_idx ON waiting_right (waits_until) WHERE ended_at IS NULL;
CREATE INDEX waiting_right_last_day_idx ON waiting_right (ends_on) WHERE ended_at IS NULL AND ends_on IS NOT NULL;
CREATE INDEX waiting_right_ended_idx ON waiting_right (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX waiting_right_key_idx ON waiting_right (key_id);

-- How often somebody gave a right to a number and a name that were not of one person: a bucket that leaks.
CREATE TABLE giver_misses (
    person_id uuid NOT NULL,
    empty_at timestamptz NOT NULL,
    CONSTRAINT giver_misses_pkey PRIMARY KEY (person_id)
);

CREATE INDEX giver_misses_empty_at_idx ON giver_misses (empty_at);
