-- The register itself.
CREATE TABLE mandate (
    id uuid NOT NULL,
    version bigint NOT NULL,
    grantor_person uuid NOT NULL,
    grantor_dossier uuid NOT NULL,
    grantor_profession text NOT NULL,
    holder_person uuid,
    holder_organisation uuid,
    holder uuid NOT NULL GENERATED ALWAYS AS (coalesce(holder_person, holder_organisation)) STORED,
    type text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    status text NOT NULL,
    offered_by text,
    offered_at timestamptz,
    activated_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT mandate_pkey PRIMARY KEY (id),
    CONSTRAINT mandate_version_check CHECK (version >= 1),
    CONSTRAINT mandate_holder_check CHECK (num_nonnulls(holder_person, holder_organisation) = 1),
    CONSTRAINT mandate_to_oneself_check CHECK (holder_person <> grantor_person),
    CONSTRAINT mandate_type_check CHECK (type IN ('social-statute', 'administrative-dossier')),
    CONSTRAINT mandate_period_check CHECK (ends_on >= starts_on),
    CONSTRAINT mandate_offer_check CHECK (
        offered_by IN ('grantor', 'holder') AND (offered_by IS NULL) = (offered_at IS NULL)
        OR offered_by IS NULL AND offered_at IS NULL),
    CONSTRAINT mandate_status_check CHECK (
        CASE status
            WHEN 'offered' THEN offered_at IS NOT NULL AND activated_at IS NULL AND ended_at IS NULL
            WHEN 'active' THEN offered_at IS NULL AND activated_at IS NOT NULL AND ended_at IS NULL
            WHEN 'refused' THEN offered_at IS NULL AND activated_at IS NULL AND ended_at IS NOT NULL
            WHEN 'stopped' THEN offered_at IS NULL AND ended_at IS NOT NULL
            WHEN 'renounced' THEN offered_at IS NULL AND ended_at IS NOT NULL
            WHEN 'expired' THEN offered_at IS NULL AND activated_at IS NOT NULL AND ended_at IS NOT NULL
            ELSE false
        END),
    -- Two living mandates of one type between the same two never overlap, whoever writes them and however many at once.
    CONSTRAINT mandate_overlap_excl EXCLUDE USING gist (
        grantor_dossier WITH =, holder WITH =, type WITH =, daterange(starts_on, ends_on, '[]') WITH &&)
        WHERE (status IN ('offered', 'active'))
);

-- What a holder holds, and whose: search and the exchange for a dossier context.
CREATE INDEX mandate_holder_idx ON mandate (holder, grantor_dossier);
-- What a grantor has given.
CREATE INDEX mandate_grantor_idx ON mandate (grantor_person, id);
CREATE INDEX mandate_dossier_idx ON mandate (grantor_dossier, holder, type);
-- What the calendar will end.
CREATE INDEX mandate_ends_on_idx ON mandate (ends_on) WHERE status = 'active' AND ends_on IS NOT NULL;
