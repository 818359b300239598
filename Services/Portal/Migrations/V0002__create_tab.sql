-- A tab of the browser: a handle that stands in its addresses and is worth nothing without the session's cookie. Only
-- its SHA-256 is kept.
CREATE TABLE tab (
    session uuid NOT NULL,
    handle_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    -- The dossier that the tab is about; once it has one, it never gets another.
    dossier uuid,
    mandate uuid,
    mandate_type text,
    -- The dossier context token, sealed for this row; gone when the dossier was lost.
    context bytea,
    context_key_id text GENERATED ALWAYS AS (
        encode(substring(context FROM 2 FOR get_byte(context, 0)), 'escape')) STORED,
    context_expires_at timestamptz,
    lost_reasons jsonb,
    CONSTRAINT tab_pkey PRIMARY KEY (session, handle_hash),
    CONSTRAINT tab_session_fkey FOREIGN KEY (session) REFERENCES session (id) ON DELETE CASCADE,
    CONSTRAINT tab_handle_check CHECK (octet_length(handle_hash) = 32),
    CONSTRAINT tab_mandate_type_check CHECK (mandate_type IN ('social-statute', 'administrative-dossier')),
    CONSTRAINT tab_dossier_check CHECK (num_nulls(dossier, mandate, mandate_type) IN (0, 3)),
    CONSTRAINT tab_context_check CHECK (num_nulls(context, context_expires_at) IN (0, 2)),
    CONSTRAINT tab_state_check CHECK (
        CASE WHEN dossier IS NULL THEN context IS NULL AND lost_reasons IS NULL
        ELSE (context IS NULL) = (lost_reasons IS NOT NULL) END)
);

CREATE INDEX tab_context_key_idx ON tab (context_key_id) WHERE context_key_id IS NOT NULL;

-- Whatever the program does, no page of a tab can be about another dossier than the one its tab was opened for.
CREATE FUNCTION keep_dossier_of_tab() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a tab keeps its dossier' USING ERRCODE = 'check_violation', CONSTRAINT = 'tab_keeps_dossier';
END
$$;

CREATE TRIGGER tab_keeps_dossier BEFORE UPDATE ON tab FOR EACH ROW
    WHEN (OLD.dossier IS NOT NULL AND OLD.dossier IS DISTINCT FROM NEW.dossier)
    EXECUTE FUNCTION keep_dossier_of_tab();
