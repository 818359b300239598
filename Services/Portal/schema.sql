-- Schema portal after all migrations, to be read. Written by `deploy/dev schema`; never run.

CREATE SCHEMA portal;

CREATE FUNCTION portal.keep_dossier_of_tab() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'a tab keeps its dossier' USING ERRCODE = 'check_violation', CONSTRAINT = 'tab_keeps_dossier';
END
$$;

CREATE FUNCTION portal.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are added and never changed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TABLE portal.answer_under_way (
    cookie_hash bytea NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    CONSTRAINT answer_under_way_hash_check CHECK ((octet_length(cookie_hash) = 32))
);

CREATE TABLE portal.audit_record (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    actor uuid,
    actor_client text,
    organisation uuid,
    on_behalf_of uuid,
    dossier uuid,
    mandate uuid,
    action text NOT NULL,
    outcome text NOT NULL,
    reasons text[] DEFAULT '{}'::text[] NOT NULL,
    acr integer,
    request_id text NOT NULL,
    source bytea,
    user_name bytea,
    commanded_by text,
    CONSTRAINT audit_record_acr_check CHECK (((acr >= 0) AND (acr <= 1000))),
    CONSTRAINT audit_record_action_check CHECK ((action ~ '^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$'::text)),
    CONSTRAINT audit_record_actor_client_check CHECK ((actor_client <> ''::text)),
    CONSTRAINT audit_record_check CHECK (((actor IS NOT NULL) OR (actor_client IS NOT NULL))),
    CONSTRAINT audit_record_check1 CHECK (((outcome = 'allowed'::text) OR (cardinality(reasons) > 0))),
    CONSTRAINT audit_record_commanded_by_check CHECK (((commanded_by <> ''::text) AND (length(commanded_by) <= 200))),
    CONSTRAINT audit_record_outcome_check CHECK ((outcome = ANY (ARRAY['allowed'::text, 'refused'::text]))),
    CONSTRAINT audit_record_request_id_check CHECK (((request_id <> ''::text) AND (length(request_id) <= 200))),
    CONSTRAINT audit_record_source_check CHECK ((octet_length(source) = 32)),
    CONSTRAINT audit_record_user_name_check CHECK ((octet_length(user_name) = 32))
);

CREATE TABLE portal.draft (
    subject_hash bytea NOT NULL,
    form text NOT NULL,
    content bytea NOT NULL,
    content_key_id text GENERATED ALWAYS AS (encode(SUBSTRING(content FROM 2 FOR get_byte(content, 0)), 'escape'::text)) STORED,
    kept_at timestamp with time zone NOT NULL,
    CONSTRAINT draft_content_check CHECK (((octet_length(content) >= 1) AND (octet_length(content) <= 8192))),
    CONSTRAINT draft_form_check CHECK ((form ~ '^(contact|right):[0-9a-f-]{36}$'::text)),
    CONSTRAINT draft_hash_check CHECK ((octet_length(subject_hash) = 32))
);

CREATE TABLE portal.logout_token (
    token_hash bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT logout_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

CREATE TABLE portal.schema_migration (
    component text NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    expands boolean NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT schema_migration_version_check CHECK ((version > 0))
);

CREATE TABLE portal.session (
    id uuid NOT NULL,
    cookie_hash bytea NOT NULL,
    subject text NOT NULL,
    provider_session text NOT NULL,
    name text,
    profile jsonb NOT NULL,
    organisation_name text,
    acr integer NOT NULL,
    signed_in_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    tokens bytea,
    tokens_key_id text GENERATED ALWAYS AS (encode(SUBSTRING(tokens FROM 2 FOR get_byte(tokens, 0)), 'escape'::text)) STORED,
    positions text,
    positions_at timestamp with time zone,
    ended_at timestamp with time zone,
    end_reason text,
    CONSTRAINT session_acr_check CHECK ((acr = ANY (ARRAY[100, 200, 350, 400, 450, 500]))),
    CONSTRAINT session_cookie_check CHECK ((octet_length(cookie_hash) = 32)),
    CONSTRAINT session_end_check CHECK (
CASE
    WHEN (ended_at IS NULL) THEN ((end_reason IS NULL) AND (tokens IS NOT NULL))
    ELSE ((tokens IS NULL) AND (end_reason = ANY (ARRAY['signed-out'::text, 'ended-by-provider'::text, 'refresh-refused'::text, 'idle'::text, 'too-old'::text])))
END),
    CONSTRAINT session_positions_check CHECK (((positions IS NULL) = (positions_at IS NULL))),
    CONSTRAINT session_seen_check CHECK ((last_seen_at >= signed_in_at)),
    CONSTRAINT session_text_check CHECK ((((length(subject) >= 1) AND (length(subject) <= 255)) AND ((length(provider_session) >= 1) AND (length(provider_session) <= 255))))
);

CREATE TABLE portal.tab (
    session uuid NOT NULL,
    handle_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    dossier uuid,
    mandate uuid,
    mandate_type text,
    context bytea,
    context_key_id text GENERATED ALWAYS AS (encode(SUBSTRING(context FROM 2 FOR get_byte(context, 0)), 'escape'::text)) STORED,
    context_expires_at timestamp with time zone,
    lost_reasons jsonb,
    CONSTRAINT tab_context_check CHECK ((num_nulls(context, context_expires_at) = ANY (ARRAY[0, 2]))),
    CONSTRAINT tab_dossier_check CHECK ((num_nulls(dossier, mandate, mandate_type) = ANY (ARRAY[0, 3]))),
    CONSTRAINT tab_handle_check CHECK ((octet_length(handle_hash) = 32)),
    CONSTRAINT tab_mandate_type_check CHECK ((mandate_type = ANY (ARRAY['social-statute'::text, 'administrative-dossier'::text]))),
    CONSTRAINT tab_state_check CHECK (
CASE
    WHEN (dossier IS NULL) THEN ((context IS NULL) AND (lost_reasons IS NULL))
    ELSE ((context IS NULL) = (lost_reasons IS NOT NULL))
END)
);

ALTER TABLE ONLY portal.answer_under_way
    ADD CONSTRAINT answer_under_way_pkey PRIMARY KEY (cookie_hash);

ALTER TABLE ONLY portal.audit_record
    ADD CONSTRAINT audit_record_pkey PRIMARY KEY (id);

ALTER TABLE ONLY portal.draft
    ADD CONSTRAINT draft_pkey PRIMARY KEY (subject_hash, form);

ALTER TABLE ONLY portal.logout_token
    ADD CONSTRAINT logout_token_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY portal.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (component, version);

ALTER TABLE ONLY portal.session
    ADD CONSTRAINT session_cookie_key UNIQUE (cookie_hash);

ALTER TABLE ONLY portal.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY portal.tab
    ADD CONSTRAINT tab_pkey PRIMARY KEY (session, handle_hash);

CREATE INDEX audit_record_actor ON portal.audit_record USING btree (actor, at) WHERE (actor IS NOT NULL);

CREATE INDEX audit_record_dossier ON portal.audit_record USING btree (dossier, at) WHERE (dossier IS NOT NULL);

CREATE INDEX audit_record_source ON portal.audit_record USING btree (source, at) WHERE (source IS NOT NULL);

CREATE INDEX audit_record_user_name ON portal.audit_record USING btree (user_name, at) WHERE (user_name IS NOT NULL);

CREATE INDEX draft_kept_at_idx ON portal.draft USING btree (kept_at);

CREATE INDEX draft_key_idx ON portal.draft USING btree (content_key_id);

CREATE INDEX logout_token_expires_at_idx ON portal.logout_token USING btree (expires_at);

CREATE INDEX session_last_seen_idx ON portal.session USING btree (last_seen_at);

CREATE INDEX session_provider_idx ON portal.session USING btree (provider_session) WHERE (ended_at IS NULL);

CREATE INDEX session_subject_idx ON portal.session USING btree (subject) WHERE (ended_at IS NULL);

CREATE INDEX session_tokens_key_idx ON portal.session USING btree (tokens_key_id) WHERE (tokens_key_id IS NOT NULL);

CREATE INDEX tab_context_key_idx ON portal.tab USING btree (context_key_id) WHERE (context_key_id IS NOT NULL);

CREATE TRIGGER audit_record_append_only BEFORE DELETE OR UPDATE ON portal.audit_record FOR EACH ROW EXECUTE FUNCTION portal.refuse_change();

CREATE TRIGGER audit_record_not_truncated BEFORE TRUNCATE ON portal.audit_record FOR EACH STATEMENT EXECUTE FUNCTION portal.refuse_change();

CREATE TRIGGER tab_keeps_dossier BEFORE UPDATE ON portal.tab FOR EACH ROW WHEN (((old.dossier IS NOT NULL) AND (old.dossier IS DISTINCT FROM new.dossier))) EXECUTE FUNCTION portal.keep_dossier_of_tab();

ALTER TABLE ONLY portal.tab
    ADD CONSTRAINT tab_session_fkey FOREIGN KEY (session) REFERENCES portal.session(id) ON DELETE CASCADE;

GRANT USAGE ON SCHEMA portal TO portal_app;

REVOKE ALL ON FUNCTION portal.keep_dossier_of_tab() FROM PUBLIC;
GRANT ALL ON FUNCTION portal.keep_dossier_of_tab() TO portal_app;

REVOKE ALL ON FUNCTION portal.refuse_change() FROM PUBLIC;
GRANT ALL ON FUNCTION portal.refuse_change() TO portal_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portal.answer_under_way TO portal_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portal.audit_record TO portal_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portal.draft TO portal_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portal.logout_token TO portal_app;

GRANT SELECT ON TABLE portal.schema_migration TO portal_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portal.session TO portal_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portal.tab TO portal_app;

ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner IN SCHEMA portal GRANT SELECT,USAGE ON SEQUENCES  TO portal_app;

ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner IN SCHEMA portal GRANT ALL ON FUNCTIONS  TO portal_app;

ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner IN SCHEMA portal GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO portal_app;
