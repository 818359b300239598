-- Whose RIZIV number it is: the first eight digits name one person for a whole career, and she may have several. Without
-- this table two persons could be given the same number.
CREATE TABLE riziv_number_holder (
    number text PRIMARY KEY CHECK (number ~ '^[1-9][0-9]{7}$'),
    person_id uuid NOT NULL,
    UNIQUE (person_id, number)
);

-- What RIZIV keeps about a person in one capacity: a care provider in one profession, or somebody with an administrative
-- function in an institution or grouping.
CREATE TABLE dossier (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('care-provider', 'function-holder')),
    person_id uuid NOT NULL,
    -- Whether the delivered number and last name turned out to be of one person; nobody's own until then.
    is_hers boolean NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    contact_version bigint NOT NULL CHECK (contact_version BETWEEN 1 AND version),
    status text NOT NULL CHECK (status IN ('being-set-up', 'open', 'suspended', 'closed')),

    profession text CHECK (profession ~ '^pers[a-z]{1,60}$'),
    first_name text CHECK (length(first_name) <= 100),
    last_name text CHECK (length(last_name) <= 100 AND first_name || last_name <> ''),
    riziv_number text CHECK (riziv_number ~ '^[1-9][0-9]{7}([0-9]{3})?$'),
    riziv_key text GENERATED ALWAYS AS (left(riziv_number, 8)) STORED,
    visum text CHECK (length(visum) BETWEEN 1 AND 64),
    visum_issued_on date,

    function text CHECK (function ~ '^[a-z]+(-[a-z]+)*$' AND length(function) <= 64),
    organisation_name text CHECK (length(organisation_name) BETWEEN 1 AND 200),
    organisation_kbo text CHECK (organisation_kbo ~ '^[01][0-9]{9}$'),
    organisation_riziv text CHECK (organisation_riziv ~ '^[1-9][0-9]{7}([0-9]{3})?$'),

    email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    phone text NOT NULL CHECK (length(phone) BETWEEN 6 AND 30),
    street text NOT NULL CHECK (length(street) BETWEEN 1 AND 120),
    postal_code text NOT NULL CHECK (length(postal_code) BETWEEN 1 AND 12),
    city text NOT NULL CHECK (length(city) BETWEEN 1 AND 80),

    registered_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL CHECK (changed_at >= registered_at),

    CONSTRAINT dossier_has_parts_of_its_kind CHECK (
        CASE kind
            WHEN 'care-provider' THEN
                num_nulls(profession, first_name, last_name) = 0
                AND num_nonnulls(riziv_number, visum) >= 1
                AND (visum IS NULL) = (visum_issued_on IS NULL)
                AND num_nonnulls(function, organisation_name, organisation_kbo, organisation_riziv) = 0
            ELSE
                num_nulls(function, organisation_name) = 0
                AND num_nonnulls(organisation_kbo, organisation_riziv) >= 1
                AND num_nonnulls(profession, first_name, last_name, riziv_number, visum, visum_issued_on) = 0
        END
    ),
    CONSTRAINT dossier_riziv_number_is_hers FOREIGN KEY (person_id, riziv_key)
        REFERENCES riziv_number_holder (person_id, number)
);

-- One dossier for each profession of a person, and one as a function holder, which has no profession: the citizen's
-- profile opens one dossier.
CREATE UNIQUE INDEX dossier_person_profession ON dossier (person_id, profession) NULLS NOT DISTINCT;
