-- Schema mandate_registry after all migrations, to be read. Written by `deploy/dev schema`; never run.

CREATE SCHEMA mandate_registry;

CREATE FUNCTION mandate_registry.fold_name(name text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN btrim(regexp_replace(lower((replace(replace(replace(replace(replace(replace(translate(regexp_replace(NORMALIZE(name, NFKD), '[\u0300-\u036f]'::text, ''::text, 'g'::text), 'ØøŁłĐđÐð'::text, 'oolldddd'::text), 'ß'::text, 'ss'::text), 'ẞ'::text, 'ss'::text), 'Æ'::text, 'ae'::text), 'æ'::text, 'ae'::text), 'Œ'::text, 'oe'::text), 'œ'::text, 'oe'::text) COLLATE "C")), ('[-''’ʼ.\s]+'::text COLLATE "C"), ' '::text, 'g'::text));

CREATE FUNCTION mandate_registry.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are added and never changed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TABLE mandate_registry.audit_record (
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

CREATE TABLE mandate_registry.ended_access (
    kind text NOT NULL,
    id uuid NOT NULL,
    until timestamp with time zone NOT NULL,
    partition integer NOT NULL,
    sequence bigint NOT NULL,
    CONSTRAINT ended_access_kind_check CHECK ((kind = ANY (ARRAY['sid'::text, 'family'::text, 'jti'::text]))),
    CONSTRAINT ended_access_partition_check CHECK (((partition >= 0) AND (partition <= 31))),
    CONSTRAINT ended_access_sequence_check CHECK ((sequence > 0))
);

CREATE TABLE mandate_registry.grantor_dossier (
    id uuid NOT NULL,
    version bigint NOT NULL,
    person uuid NOT NULL,
    profession text NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    riziv_number text,
    state text NOT NULL,
    first_name_key text GENERATED ALWAYS AS (mandate_registry.fold_name(first_name)) STORED NOT NULL COLLATE pg_catalog."C",
    last_name_key text GENERATED ALWAYS AS (mandate_registry.fold_name(last_name)) STORED NOT NULL COLLATE pg_catalog."C",
    riziv_person_key text GENERATED ALWAYS AS ("left"(riziv_number, 8)) STORED COLLATE pg_catalog."C",
    CONSTRAINT grantor_dossier_riziv_check CHECK ((riziv_number ~ '^([0-9]{8}|[0-9]{11})$'::text)),
    CONSTRAINT grantor_dossier_state_check CHECK ((state = ANY (ARRAY['being-set-up'::text, 'open'::text, 'suspended'::text, 'closed'::text]))),
    CONSTRAINT grantor_dossier_version_check CHECK ((version >= 1))
);

CREATE TABLE mandate_registry.lease (
    scope text NOT NULL,
    partition integer NOT NULL,
    owner uuid,
    epoch bigint DEFAULT 0 NOT NULL,
    freed_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    CONSTRAINT lease_epoch_check CHECK ((epoch >= 0)),
    CONSTRAINT lease_partition_check CHECK (((partition >= 0) AND (partition <= 31))),
    CONSTRAINT lease_scope_check CHECK ((scope <> ''::text))
);

CREATE TABLE mandate_registry.lease_member (
    owner uuid NOT NULL,
    scopes text[] NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE mandate_registry.mandate (
    id uuid NOT NULL,
    version bigint NOT NULL,
    grantor_person uuid NOT NULL,
    grantor_dossier uuid NOT NULL,
    grantor_profession text NOT NULL,
    holder_person uuid,
    holder_organisation uuid,
    holder uuid GENERATED ALWAYS AS (COALESCE(holder_person, holder_organisation)) STORED NOT NULL,
    type text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    status text NOT NULL,
    offered_by text,
    offered_at timestamp with time zone,
    activated_at timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT mandate_holder_check CHECK ((num_nonnulls(holder_person, holder_organisation) = 1)),
    CONSTRAINT mandate_offer_check CHECK ((((offered_by = ANY (ARRAY['grantor'::text, 'holder'::text])) AND ((offered_by IS NULL) = (offered_at IS NULL))) OR ((offered_by IS NULL) AND (offered_at IS NULL)))),
    CONSTRAINT mandate_period_check CHECK ((ends_on >= starts_on)),
    CONSTRAINT mandate_status_check CHECK (
CASE status
    WHEN 'offered'::text THEN ((offered_at IS NOT NULL) AND (activated_at IS NULL) AND (ended_at IS NULL))
    WHEN 'active'::text THEN ((offered_at IS NULL) AND (activated_at IS NOT NULL) AND (ended_at IS NULL))
    WHEN 'refused'::text THEN ((offered_at IS NULL) AND (activated_at IS NULL) AND (ended_at IS NOT NULL))
    WHEN 'stopped'::text THEN ((offered_at IS NULL) AND (ended_at IS NOT NULL))
    WHEN 'renounced'::text THEN ((offered_at IS NULL) AND (ended_at IS NOT NULL))
    WHEN 'expired'::text THEN ((offered_at IS NULL) AND (activated_at IS NOT NULL) AND (ended_at IS NOT NULL))
    ELSE false
END),
    CONSTRAINT mandate_to_oneself_check CHECK ((holder_person <> grantor_person)),
    CONSTRAINT mandate_type_check CHECK ((type = ANY (ARRAY['social-statute'::text, 'administrative-dossier'::text]))),
    CONSTRAINT mandate_version_check CHECK ((version >= 1))
);

CREATE TABLE mandate_registry.organisation (
    id uuid NOT NULL,
    version bigint NOT NULL,
    enterprise_number text,
    riziv_number text,
    name text NOT NULL,
    status text NOT NULL,
    CONSTRAINT organisation_enterprise_number_check CHECK ((enterprise_number ~ '^[0-9]{10}$'::text)),
    CONSTRAINT organisation_status_check CHECK ((status = ANY (ARRAY['active'::text, 'stopped'::text]))),
    CONSTRAINT organisation_version_check CHECK ((version >= 1))
);

CREATE TABLE mandate_registry.organisation_right (
    id uuid NOT NULL,
    version bigint NOT NULL,
    organisation uuid NOT NULL,
    person uuid NOT NULL,
    role text NOT NULL,
    status text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    CONSTRAINT organisation_right_period_check CHECK ((ends_on >= starts_on)),
    CONSTRAINT organisation_right_status_check CHECK ((status = ANY (ARRAY['active'::text, 'ended'::text]))),
    CONSTRAINT organisation_right_version_check CHECK ((version >= 1))
);

CREATE TABLE mandate_registry.outbox (
    source text NOT NULL,
    partition integer NOT NULL,
    sequence bigint NOT NULL,
    event_id uuid NOT NULL,
    previous_id uuid,
    key uuid NOT NULL,
    type text NOT NULL,
    audit_id uuid NOT NULL,
    envelope text NOT NULL,
    appended_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT outbox_check CHECK (((sequence = 1) = (previous_id IS NULL))),
    CONSTRAINT outbox_envelope_check CHECK ((octet_length(envelope) <= 262144)),
    CONSTRAINT outbox_partition_check CHECK (((partition >= 0) AND (partition <= 31))),
    CONSTRAINT outbox_sequence_check CHECK ((sequence > 0)),
    CONSTRAINT outbox_type_check CHECK ((type ~ '^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$'::text))
);

CREATE TABLE mandate_registry.outbox_adopted (
    event_id uuid NOT NULL
);

CREATE TABLE mandate_registry.outbox_head (
    source text NOT NULL,
    partition integer NOT NULL,
    sequence bigint DEFAULT 0 NOT NULL,
    event_id uuid,
    before_id uuid,
    CONSTRAINT outbox_head_check CHECK (((sequence = 0) = (event_id IS NULL))),
    CONSTRAINT outbox_head_partition_check CHECK (((partition >= 0) AND (partition <= 31))),
    CONSTRAINT outbox_head_sequence_check CHECK ((sequence >= 0)),
    CONSTRAINT outbox_head_source_check CHECK ((source <> ''::text))
)
WITH (fillfactor='20', autovacuum_vacuum_threshold='200', autovacuum_vacuum_scale_factor='0');

CREATE TABLE mandate_registry.outbox_relay (
    source text NOT NULL,
    partition integer NOT NULL,
    sequence bigint DEFAULT 0 NOT NULL,
    kafka_offset bigint DEFAULT '-1'::integer NOT NULL,
    doubted boolean DEFAULT false NOT NULL,
    CONSTRAINT outbox_relay_kafka_offset_check CHECK ((kafka_offset >= '-1'::integer)),
    CONSTRAINT outbox_relay_sequence_check CHECK ((sequence >= 0))
)
WITH (fillfactor='20', autovacuum_vacuum_threshold='200', autovacuum_vacuum_scale_factor='0');

CREATE TABLE mandate_registry.outbox_restoration (
    found_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT outbox_restoration_check CHECK ((settled_at >= found_at))
);

CREATE TABLE mandate_registry.outbox_told (
    source text NOT NULL,
    key uuid NOT NULL,
    partition integer NOT NULL,
    kind text NOT NULL,
    version bigint NOT NULL,
    envelope text NOT NULL,
    CONSTRAINT outbox_told_kind_check CHECK ((kind ~ '^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*$'::text)),
    CONSTRAINT outbox_told_partition_check CHECK (((partition >= 0) AND (partition <= 31))),
    CONSTRAINT outbox_told_version_check CHECK ((version > 0))
);

CREATE TABLE mandate_registry.parked (
    projection text NOT NULL,
    source text NOT NULL,
    partition integer NOT NULL,
    sequence bigint NOT NULL,
    key uuid NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    envelope text NOT NULL,
    error text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone NOT NULL,
    parked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT parked_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT parked_sequence_check CHECK ((sequence > 0))
);

CREATE TABLE mandate_registry."position" (
    projection text NOT NULL,
    source text NOT NULL,
    partition integer NOT NULL,
    sequence bigint DEFAULT 0 NOT NULL,
    event_id uuid,
    kafka_offset bigint DEFAULT '-1'::integer NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    reason text,
    caught_up_at timestamp with time zone,
    CONSTRAINT position_check CHECK (((sequence > 0) OR (event_id IS NULL))),
    CONSTRAINT position_check1 CHECK (((state = 'halted'::text) = (reason IS NOT NULL))),
    CONSTRAINT position_kafka_offset_check CHECK ((kafka_offset >= '-1'::integer)),
    CONSTRAINT position_partition_check CHECK (((partition >= 0) AND (partition <= 31))),
    CONSTRAINT position_projection_check CHECK ((projection <> ''::text)),
    CONSTRAINT position_reason_check CHECK ((reason = ANY (ARRAY['gap'::text, 'diverged'::text, 'uncertain'::text]))),
    CONSTRAINT position_sequence_check CHECK ((sequence >= 0)),
    CONSTRAINT position_source_check CHECK ((source <> ''::text)),
    CONSTRAINT position_state_check CHECK ((state = ANY (ARRAY['running'::text, 'halted'::text])))
)
WITH (fillfactor='50');

CREATE TABLE mandate_registry.schema_migration (
    component text NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    expands boolean NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT schema_migration_version_check CHECK ((version > 0))
);

CREATE TABLE mandate_registry.token (
    hash bytea NOT NULL,
    purpose text NOT NULL,
    family uuid,
    claims jsonb NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT token_claims_check CHECK ((jsonb_typeof(claims) = 'object'::text)),
    CONSTRAINT token_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT token_period_check CHECK ((expires_at > issued_at)),
    CONSTRAINT token_purpose_check CHECK ((purpose ~ '^[a-z][a-z-]{0,31}$'::text))
);

CREATE TABLE mandate_registry.token_basis (
    kind text NOT NULL,
    id uuid NOT NULL,
    ended_version bigint,
    ended_at timestamp with time zone,
    CONSTRAINT token_basis_kind_check CHECK ((kind ~ '^[a-z][a-z-]{0,31}$'::text)),
    CONSTRAINT token_basis_tombstone_check CHECK (((ended_version IS NULL) = (ended_at IS NULL))),
    CONSTRAINT token_basis_version_check CHECK ((ended_version >= 0))
);

CREATE TABLE mandate_registry.token_binding (
    hash bytea NOT NULL,
    kind text NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT token_binding_version_check CHECK ((version >= 0))
);

CREATE TABLE mandate_registry.token_family (
    id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_reason text,
    CONSTRAINT token_family_end_check CHECK (((ended_at IS NULL) = (ended_reason IS NULL))),
    CONSTRAINT token_family_reason_check CHECK ((ended_reason = ANY (ARRAY['reuse'::text, 'revoked'::text, 'restored'::text])))
);

CREATE TABLE mandate_registry.waiting_mandate (
    id uuid NOT NULL,
    grantor_person uuid NOT NULL,
    grantor_dossier uuid NOT NULL,
    grantor_profession text NOT NULL,
    person_id uuid NOT NULL,
    type text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    last_name bytea NOT NULL,
    key_id text GENERATED ALWAYS AS (encode(SUBSTRING(last_name FROM 2 FOR get_byte(last_name, 0)), 'escape'::text)) STORED,
    delivered_at timestamp with time zone NOT NULL,
    waits_until timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    CONSTRAINT waiting_mandate_last_name_check CHECK (((octet_length(last_name) >= 31) AND (octet_length(last_name) <= 512))),
    CONSTRAINT waiting_mandate_period_check CHECK ((ends_on >= starts_on)),
    CONSTRAINT waiting_mandate_to_oneself_check CHECK ((person_id <> grantor_person)),
    CONSTRAINT waiting_mandate_type_check CHECK ((type = ANY (ARRAY['social-statute'::text, 'administrative-dossier'::text]))),
    CONSTRAINT waiting_mandate_waits_check CHECK ((waits_until > delivered_at))
);

ALTER TABLE ONLY mandate_registry.audit_record
    ADD CONSTRAINT audit_record_pkey PRIMARY KEY (id);

ALTER TABLE ONLY mandate_registry.ended_access
    ADD CONSTRAINT ended_access_pkey PRIMARY KEY (kind, id);

ALTER TABLE ONLY mandate_registry.grantor_dossier
    ADD CONSTRAINT grantor_dossier_pkey PRIMARY KEY (id);

ALTER TABLE ONLY mandate_registry.lease_member
    ADD CONSTRAINT lease_member_pkey PRIMARY KEY (owner);

ALTER TABLE ONLY mandate_registry.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (scope, partition);

ALTER TABLE ONLY mandate_registry.mandate
    ADD CONSTRAINT mandate_overlap_excl EXCLUDE USING gist (grantor_dossier WITH =, holder WITH =, type WITH =, daterange(starts_on, ends_on, '[]'::text) WITH &&) WHERE ((status = ANY (ARRAY['offered'::text, 'active'::text])));

ALTER TABLE ONLY mandate_registry.mandate
    ADD CONSTRAINT mandate_pkey PRIMARY KEY (id);

ALTER TABLE ONLY mandate_registry.organisation
    ADD CONSTRAINT organisation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY mandate_registry.organisation_right
    ADD CONSTRAINT organisation_right_pkey PRIMARY KEY (id);

ALTER TABLE ONLY mandate_registry.outbox_adopted
    ADD CONSTRAINT outbox_adopted_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY mandate_registry.outbox
    ADD CONSTRAINT outbox_event_id_key UNIQUE (event_id);

ALTER TABLE ONLY mandate_registry.outbox_head
    ADD CONSTRAINT outbox_head_pkey PRIMARY KEY (source, partition);

ALTER TABLE ONLY mandate_registry.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (source, partition, sequence);

ALTER TABLE ONLY mandate_registry.outbox_relay
    ADD CONSTRAINT outbox_relay_pkey PRIMARY KEY (source, partition);

ALTER TABLE ONLY mandate_registry.outbox_restoration
    ADD CONSTRAINT outbox_restoration_pkey PRIMARY KEY (found_at);

ALTER TABLE ONLY mandate_registry.outbox_told
    ADD CONSTRAINT outbox_told_pkey PRIMARY KEY (source, key);

ALTER TABLE ONLY mandate_registry.parked
    ADD CONSTRAINT parked_pkey PRIMARY KEY (projection, source, partition, sequence);

ALTER TABLE ONLY mandate_registry."position"
    ADD CONSTRAINT position_pkey PRIMARY KEY (projection, source, partition);

ALTER TABLE ONLY mandate_registry.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (component, version);

ALTER TABLE ONLY mandate_registry.token_basis
    ADD CONSTRAINT token_basis_pkey PRIMARY KEY (kind, id);

ALTER TABLE ONLY mandate_registry.token_binding
    ADD CONSTRAINT token_binding_pkey PRIMARY KEY (hash, kind, id);

ALTER TABLE ONLY mandate_registry.token_family
    ADD CONSTRAINT token_family_pkey PRIMARY KEY (id);

ALTER TABLE ONLY mandate_registry.token
    ADD CONSTRAINT token_pkey PRIMARY KEY (hash);

ALTER TABLE ONLY mandate_registry.waiting_mandate
    ADD CONSTRAINT waiting_mandate_pkey PRIMARY KEY (id);

CREATE INDEX audit_record_actor ON mandate_registry.audit_record USING btree (actor, at) WHERE (actor IS NOT NULL);

CREATE INDEX audit_record_dossier ON mandate_registry.audit_record USING btree (dossier, at) WHERE (dossier IS NOT NULL);

CREATE INDEX audit_record_source ON mandate_registry.audit_record USING btree (source, at) WHERE (source IS NOT NULL);

CREATE INDEX audit_record_user_name ON mandate_registry.audit_record USING btree (user_name, at) WHERE (user_name IS NOT NULL);

CREATE INDEX ended_access_place_idx ON mandate_registry.ended_access USING btree (partition, sequence);

CREATE INDEX ended_access_until_idx ON mandate_registry.ended_access USING btree (until);

CREATE INDEX grantor_dossier_first_name_idx ON mandate_registry.grantor_dossier USING btree (first_name_key);

CREATE INDEX grantor_dossier_last_name_idx ON mandate_registry.grantor_dossier USING btree (last_name_key, first_name_key, id);

CREATE INDEX grantor_dossier_person_idx ON mandate_registry.grantor_dossier USING btree (person, profession);

CREATE INDEX grantor_dossier_riziv_idx ON mandate_registry.grantor_dossier USING btree (riziv_person_key) WHERE (riziv_person_key IS NOT NULL);

CREATE INDEX lease_owner ON mandate_registry.lease USING btree (owner) WHERE (owner IS NOT NULL);

CREATE INDEX mandate_dossier_idx ON mandate_registry.mandate USING btree (grantor_dossier, holder, type);

CREATE INDEX mandate_ends_on_idx ON mandate_registry.mandate USING btree (ends_on) WHERE ((status = 'active'::text) AND (ends_on IS NOT NULL));

CREATE INDEX mandate_grantor_idx ON mandate_registry.mandate USING btree (grantor_person, id);

CREATE INDEX mandate_holder_idx ON mandate_registry.mandate USING btree (holder, grantor_dossier);

CREATE INDEX organisation_enterprise_number_idx ON mandate_registry.organisation USING btree (enterprise_number);

CREATE INDEX organisation_right_person_idx ON mandate_registry.organisation_right USING btree (organisation, person, role) WHERE (status = 'active'::text);

CREATE INDEX outbox_correction ON mandate_registry.outbox USING btree (source, type) WHERE (type ~ '[.](restated|voided)$'::text);

CREATE UNIQUE INDEX outbox_restoration_open ON mandate_registry.outbox_restoration USING btree ((true)) WHERE (settled_at IS NULL);

CREATE INDEX outbox_told_partition ON mandate_registry.outbox_told USING btree (source, partition, key);

CREATE INDEX parked_key ON mandate_registry.parked USING btree (source, key);

CREATE INDEX token_basis_ended_at_idx ON mandate_registry.token_basis USING btree (kind, ended_at) WHERE (ended_at IS NOT NULL);

CREATE INDEX token_binding_basis_idx ON mandate_registry.token_binding USING btree (kind, id);

CREATE INDEX token_expires_at_idx ON mandate_registry.token USING btree (expires_at);

CREATE INDEX token_family_idx ON mandate_registry.token USING btree (family) WHERE (family IS NOT NULL);

CREATE INDEX waiting_mandate_due_idx ON mandate_registry.waiting_mandate USING btree (due_at, id) WHERE (due_at IS NOT NULL);

CREATE INDEX waiting_mandate_grantor_idx ON mandate_registry.waiting_mandate USING btree (grantor_person);

CREATE INDEX waiting_mandate_key_idx ON mandate_registry.waiting_mandate USING btree (key_id);

CREATE INDEX waiting_mandate_last_day_idx ON mandate_registry.waiting_mandate USING btree (ends_on) WHERE (ends_on IS NOT NULL);

CREATE INDEX waiting_mandate_person_idx ON mandate_registry.waiting_mandate USING btree (person_id, grantor_dossier, type);

CREATE INDEX waiting_mandate_until_idx ON mandate_registry.waiting_mandate USING btree (waits_until);

CREATE TRIGGER audit_record_append_only BEFORE DELETE OR UPDATE ON mandate_registry.audit_record FOR EACH ROW EXECUTE FUNCTION mandate_registry.refuse_change();

CREATE TRIGGER audit_record_not_truncated BEFORE TRUNCATE ON mandate_registry.audit_record FOR EACH STATEMENT EXECUTE FUNCTION mandate_registry.refuse_change();

CREATE TRIGGER outbox_append_only BEFORE UPDATE ON mandate_registry.outbox FOR EACH ROW EXECUTE FUNCTION mandate_registry.refuse_change();

ALTER TABLE ONLY mandate_registry.outbox_relay
    ADD CONSTRAINT outbox_relay_source_partition_fkey FOREIGN KEY (source, partition) REFERENCES mandate_registry.outbox_head(source, partition);

ALTER TABLE ONLY mandate_registry.parked
    ADD CONSTRAINT parked_projection_source_partition_fkey FOREIGN KEY (projection, source, partition) REFERENCES mandate_registry."position"(projection, source, partition);

ALTER TABLE ONLY mandate_registry.token_binding
    ADD CONSTRAINT token_binding_basis_fkey FOREIGN KEY (kind, id) REFERENCES mandate_registry.token_basis(kind, id);

ALTER TABLE ONLY mandate_registry.token_binding
    ADD CONSTRAINT token_binding_token_fkey FOREIGN KEY (hash) REFERENCES mandate_registry.token(hash) ON DELETE CASCADE;

ALTER TABLE ONLY mandate_registry.token
    ADD CONSTRAINT token_family_fkey FOREIGN KEY (family) REFERENCES mandate_registry.token_family(id);

GRANT USAGE ON SCHEMA mandate_registry TO mandate_registry_app;

REVOKE ALL ON FUNCTION mandate_registry.fold_name(name text) FROM PUBLIC;
GRANT ALL ON FUNCTION mandate_registry.fold_name(name text) TO mandate_registry_app;

REVOKE ALL ON FUNCTION mandate_registry.refuse_change() FROM PUBLIC;
GRANT ALL ON FUNCTION mandate_registry.refuse_change() TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.audit_record TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.ended_access TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.grantor_dossier TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.lease TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.lease_member TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.mandate TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.organisation TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.organisation_right TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.outbox TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.outbox_adopted TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.outbox_head TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.outbox_relay TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.outbox_restoration TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.outbox_told TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.parked TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry."position" TO mandate_registry_app;

GRANT SELECT ON TABLE mandate_registry.schema_migration TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.token TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.token_basis TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.token_binding TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.token_family TO mandate_registry_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mandate_registry.waiting_mandate TO mandate_registry_app;

ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner IN SCHEMA mandate_registry GRANT SELECT,USAGE ON SEQUENCES  TO mandate_registry_app;

ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner IN SCHEMA mandate_registry GRANT ALL ON FUNCTIONS  TO mandate_registry_app;

ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner IN SCHEMA mandate_registry GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO mandate_registry_app;
