-- Organisations as the authorities report them.
CREATE TABLE organisation (
    id uuid NOT NULL,
    version bigint NOT NULL,
    enterprise_number text,
    riziv_number text,
    name text NOT NULL,
    type text NOT NULL,
    status text NOT NULL,
    registered_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT organisation_pkey PRIMARY KEY (id),
    CONSTRAINT organisation_version_check CHECK (version >= 1),
    CONSTRAINT organisation_numbers_check CHECK (num_nonnulls(enterprise_number, riziv_number) >= 1),
    CONSTRAINT organisation_enterprise_number_check CHECK (enterprise_number ~ '^[0-9]{10}$'),
    CONSTRAINT organisation_riziv_number_check CHECK (riziv_number ~ '^[0-9]{8}([0-9]{3})?$'),
    CONSTRAINT organisation_enterprise_number_key UNIQUE (enterprise_number),
    CONSTRAINT organisation_riziv_number_key UNIQUE (riziv_number),
    CONSTRAINT organisation_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT organisation_status_check CHECK (status IN ('active', 'stopped')),
    CONSTRAINT organisation_changed_at_check CHECK (changed_at >= registered_at)
);

-- Who says who may do what in an organisation.
CREATE TABLE access_manager (
    id uuid NOT NULL,
    version bigint NOT NULL,
    organisation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL,
    appointed_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT access_manager_pkey PRIMARY KEY (id),
    CONSTRAINT access_manager_version_check CHECK (version >= 1),
    CONSTRAINT access_manager_organisation_fkey FOREIGN KEY (organisation_id) REFERENCES organisation,
    CONSTRAINT access_manager_role_check CHECK (role IN ('chief-access-manager', 'access-manager')),
    CONSTRAINT access_manager_ended_at_check CHECK (ended_at >= appointed_at)
);

-- One appointment of a person in an organisation at a time; also "where does this person manage?".
CREATE UNIQUE INDEX access_manager_person_key ON access_manager (person_id, organisation_id) WHERE ended_at IS NULL;
-- Whether she managed there before.
CREATE INDEX access_manager_ended_idx ON access_manager (person_id, organisation_id) WHERE ended_at IS NOT NULL;
CREATE INDEX access_manager_organisation_idx ON access_manager (organisation_id);
