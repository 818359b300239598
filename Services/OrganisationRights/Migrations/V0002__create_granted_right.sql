-- The rights of persons in organisations.
CREATE TABLE granted_right (
    id uuid NOT NULL,
    version bigint NOT NULL,
    organisation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    -- What an access manager recognises the person by, such as 85.07.30-***.**; the number itself is not kept here.
    masked_number text NOT NULL,
    role text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    -- The access manager who gave it; nobody when an authority reported it.
    given_by uuid,
    given_at timestamptz NOT NULL,
    ended_by uuid,
    ended_at timestamptz,
    CONSTRAINT granted_right_pkey PRIMARY KEY (id),
    CONSTRAINT granted_right_version_check CHECK (version >= 1),
    CONSTRAINT granted_right_organisation_fkey FOREIGN KEY (organisation_id) REFERENCES organisation,
    CONSTRAINT granted_right_masked_number_check CHECK (masked_number ~ '^[0-9]{2}\.[0-9]{2}\.[0-9]{2}-\*{3}\.\*{2}$'),
    CONSTRAINT granted_right_role_check CHECK (char_length(role) BETWEEN 1 AND 64),
    CONSTRAINT granted_right_period_check CHECK (ends_on >= starts_on),
    CONSTRAINT granted_right_ended_check CHECK (ended_at >= given_at AND (ended_by IS NULL OR ended_at IS NOT NULL)),
    -- The same right is not given twice for the same day, whoever gives it and however many do at once.
    CONSTRAINT granted_right_overlap_excl EXCLUDE USING gist (
        person_id WITH =, organisation_id WITH =, role WITH =, daterange(starts_on, ends_on, '[]') WITH &&)
        WHERE (ended_at IS NULL)
);

-- The lists of an organisation, newest first, a page at a time: what counts, and what was taken away.
CREATE INDEX granted_right_active_idx ON granted_right (organisation_id, id DESC) WHERE ended_at IS NULL;
CREATE INDEX granted_right_ended_idx ON granted_right (organisation_id, id DESC) WHERE ended_at IS NOT NULL;
-- All rights of a person in a role there, also those that ended.
CREATE INDEX granted_right_person_idx ON granted_right (person_id, organisation_id, role);
