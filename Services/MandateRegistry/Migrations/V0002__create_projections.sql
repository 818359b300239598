-- How names are compared: without case, accents, hyphens and apostrophes, so that "dubois-leclercq" finds
-- "Dubois Leclercq" and "el amrani" finds "El Amrani". Latin letters that do not decompose are spelled out; after that
-- nothing is left to lower but ASCII, so the answer is the same under every locale of the database.
CREATE FUNCTION fold_name(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN btrim(regexp_replace(
    lower(
        replace(replace(replace(replace(replace(replace(
            translate(regexp_replace(normalize(name, NFKD), '[\u0300-\u036f]', '', 'g'), 'ØøŁłĐđÐð', 'oolldddd'),
            'ß', 'ss'), 'ẞ', 'ss'), 'Æ', 'ae'), 'æ', 'ae'),
            'Œ', 'oe'), 'œ', 'oe')
        COLLATE "C"),
    '[-''’ʼ.\s]+' COLLATE "C", ' ', 'g'));

-- Dossiers of care providers, from profile-resolution-service: who can be a grantor, and how she is found.
CREATE TABLE grantor_dossier (
    id uuid NOT NULL,
    version bigint NOT NULL,
    person uuid NOT NULL,
    profession text NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    riziv_number text,
    state text NOT NULL,
    first_name_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (fold_name(first_name)) STORED,
    last_name_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (fold_name(last_name)) STORED,
    riziv_person_key text COLLATE "C" GENERATED ALWAYS AS (left(riziv_number, 8)) STORED,
    CONSTRAINT grantor_dossier_pkey PRIMARY KEY (id),
    CONSTRAINT grantor_dossier_version_check CHECK (version >= 1),
    CONSTRAINT grantor_dossier_riziv_check CHECK (riziv_number ~ '^([0-9]{8}|[0-9]{11})$'),
    CONSTRAINT grantor_dossier_state_check CHECK (state IN ('being-set-up', 'open', 'suspended', 'closed'))
);

CREATE INDEX grantor_dossier_person_idx ON grantor_dossier (person, profession);
CREATE INDEX grantor_dossier_riziv_idx ON grantor_dossier (riziv_person_key) WHERE riziv_person_key IS NOT NULL;
CREATE INDEX grantor_dossier_last_name_idx ON grantor_dossier (last_name_key, first_name_key, id);
CREATE INDEX grantor_dossier_first_name_idx ON grantor_dossier (first_name_key);

-- Organisations, from organisation-rights-service.
CREATE TABLE organisation (
    id uuid NOT NULL,
    version bigint NOT NULL,
    enterprise_number text,
    riziv_number text,
    name text NOT NULL,
    status text NOT NULL,
    CONSTRAINT organisation_pkey PRIMARY KEY (id),
    CONSTRAINT organisation_version_check CHECK (version >= 1),
    CONSTRAINT organisation_enterprise_number_check CHECK (enterprise_number ~ '^[0-9]{10}$'),
    CONSTRAINT organisation_status_check CHECK (status IN ('active', 'stopped'))
);

CREATE INDEX organisation_enterprise_number_idx ON organisation (enterprise_number);

-- Rights of persons in organisations, from organisation-rights-service; ended ones stay, so that an older event of the
-- same right is known to be older.
CREATE TABLE organisation_right (
    id uuid NOT NULL,
    version bigint NOT NULL,
    organisation uuid NOT NULL,
    person uuid NOT NULL,
    role text NOT NULL,
    status text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    CONSTRAINT organisation_right_pkey PRIMARY KEY (id),
    CONSTRAINT organisation_right_version_check CHECK (version >= 1),
    CONSTRAINT organisation_right_status_check CHECK (status IN ('active', 'ended')),
    CONSTRAINT organisation_right_period_check CHECK (ends_on >= starts_on)
);

CREATE INDEX organisation_right_person_idx ON organisation_right (organisation, person, role) WHERE status = 'active';
