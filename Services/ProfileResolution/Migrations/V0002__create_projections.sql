-- What other services published, as far as profiles rest on it. Rows are written by a higher version only.

CREATE TABLE known_organisation (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    name text NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'stopped'))
);

-- No reference to known_organisation: its event may arrive later.
CREATE TABLE known_right (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    organisation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'ended')),
    starts_on date NOT NULL,
    ends_on date CHECK (ends_on >= starts_on)
);

CREATE INDEX known_right_person ON known_right (person_id);

CREATE TABLE known_mandate (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    grantor_dossier_id uuid NOT NULL,
    holder_person_id uuid,
    holder_organisation_id uuid,
    status text NOT NULL CHECK (status IN ('offered', 'active', 'refused', 'stopped', 'renounced', 'expired')),
    starts_on date NOT NULL,
    ends_on date CHECK (ends_on >= starts_on),
    CONSTRAINT known_mandate_has_one_holder CHECK (num_nonnulls(holder_person_id, holder_organisation_id) = 1)
);

CREATE INDEX known_mandate_holder_person ON known_mandate (holder_person_id) WHERE status = 'active';
-- In an order, so that a few mandates of an organisation are never sought in the table itself.
CREATE INDEX known_mandate_holder_organisation ON known_mandate (holder_organisation_id, starts_on)
    WHERE status = 'active';
