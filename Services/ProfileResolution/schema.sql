-- Schema profile_resolution after all migrations, to be read. Written by `deploy/dev schema`; never run.

CREATE SCHEMA profile_resolution;

CREATE FUNCTION profile_resolution.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are added and never changed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TABLE profile_resolution.audit_record (
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

CREATE TABLE profile_resolution.dossier (
    id uuid NOT NULL,
    kind text NOT NULL,
    person_id uuid NOT NULL,
    is_hers boolean NOT NULL,
    version bigint NOT NULL,
    contact_version bigint NOT NULL,
    status text NOT NULL,
    profession text,
    first_name text,
    last_name text,
    riziv_number text,
    riziv_key text GENERATED ALWAYS AS ("left"(riziv_number, 8)) STORED,
    visum text,
    visum_issued_on date,
    function text,
    organisation_name text,
    organisation_kbo text,
    organisation_riziv text,
    email text NOT NULL,
    phone text NOT NULL,
    street text NOT NULL,
    postal_code text NOT NULL,
    city text NOT NULL,
    registered_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT dossier_check CHECK (((contact_version >= 1) AND (contact_version <= version))),
    CONSTRAINT dossier_check1 CHECK (((length(last_name) <= 100) AND ((first_name || last_name) <> ''::text))),
    CONSTRAINT dossier_check2 CHECK ((changed_at >= registered_at)),
    CONSTRAINT dossier_city_check CHECK (((length(city) >= 1) AND (length(city) <= 80))),
    CONSTRAINT dossier_email_check CHECK (((length(email) >= 3) AND (length(email) <= 254))),
    CONSTRAINT dossier_first_name_check CHECK ((length(first_name) <= 100)),
    CONSTRAINT dossier_function_check CHECK (((function ~ '^[a-z]+(-[a-z]+)*$'::text) AND (length(function) <= 64))),
    CONSTRAINT dossier_has_parts_of_its_kind CHECK (
CASE kind
    WHEN 'care-provider'::text THEN ((num_nulls(profession, first_name, last_name) = 0) AND (num_nonnulls(riziv_number, visum) >= 1) AND ((visum IS NULL) = (visum_issued_on IS NULL)) AND (num_nonnulls(function, organisation_name, organisation_kbo, organisation_riziv) = 0))
    ELSE ((num_nulls(function, organisation_name) = 0) AND (num_nonnulls(organisation_kbo, organisation_riziv) >= 1) AND (num_nonnulls(profession, first_name, last_name, riziv_number, visum, visum_issued_on) = 0))
END),
    CONSTRAINT dossier_kind_check CHECK ((kind = ANY (ARRAY['care-provider'::text, 'function-holder'::text]))),
    CONSTRAINT dossier_organisation_kbo_check CHECK ((organisation_kbo ~ '^[01][0-9]{9}$'::text)),
    CONSTRAINT dossier_organisation_name_check CHECK (((length(organisation_name) >= 1) AND (length(organisation_name) <= 200))),
    CONSTRAINT dossier_organisation_riziv_check CHECK ((organisation_riziv ~ '^[1-9][0-9]{7}([0-9]{3})?$'::text)),
    CONSTRAINT dossier_phone_check CHECK (((length(phone) >= 6) AND (length(phone) <= 30))),
    CONSTRAINT dossier_postal_code_check CHECK (((length(postal_code) >= 1) AND (length(postal_code) <= 12))),
    CONSTRAINT dossier_profession_check CHECK ((profession ~ '^pers[a-z]{1,60}$'::text)),
    CONSTRAINT dossier_riziv_number_check CHECK ((riziv_number ~ '^[1-9][0-9]{7}([0-9]{3})?$'::text)),
    CONSTRAINT dossier_status_check CHECK ((status = ANY (ARRAY['being-set-up'::text, 'open'::text, 'suspended'::text, 'closed'::text]))),
    CONSTRAINT dossier_street_check CHECK (((length(street) >= 1) AND (length(street) <= 120))),
    CONSTRAINT dossier_version_check CHECK ((version >= 1)),
    CONSTRAINT dossier_visum_check CHECK (((length(visum) >= 1) AND (length(visum) <= 64)))
);

CREATE TABLE profile_resolution.ended_access (
    kind text NOT NULL,
    id uuid NOT NULL,
    until timestamp with time zone NOT NULL,
    partition integer NOT NULL,
    sequence bigint NOT NULL,
    CONSTRAINT ended_access_kind_check CHECK ((kind = ANY (ARRAY['sid'::text, 'family'::text, 'jti'::text]))),
    CONSTRAINT ended_access_partition_check CHECK (((partition >= 0) AND (partition <= 31))),
    CONSTRAINT ended_access_sequence_check CHECK ((sequence > 0))
);

CREATE TABLE profile_resolution.known_mandate (
    id uuid NOT NULL,
    version bigint NOT NULL,
    grantor_dossier_id uuid NOT NULL,
    holder_person_id uuid,
    holder_organisation_id uuid,
    status text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    CONSTRAINT known_mandate_check CHECK ((ends_on >= starts_on)),
    CONSTRAINT known_mandate_has_one_holder CHECK ((num_nonnulls(holder_person_id, holder_organisation_id) = 1)),
    CONSTRAINT known_mandate_status_check CHECK ((status = ANY (ARRAY['offered'::text, 'active'::text, 'refused'::text, 'stopped'::text, 'renounced'::text, 'expired'::text])))
);

CREATE TABLE profile_resolution.known_organisation (
    id uuid NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    CONSTRAINT known_organisation_status_check CHECK ((status = ANY (ARRAY['active'::text, 'stopped'::text])))
);

CREATE TABLE profile_resolution.known_right (
    id uuid NOT NULL,
    version bigint NOT NULL,
    organisation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL,
    status text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    CONSTRAINT known_right_check CHECK ((ends_on >= starts_on)),
    CONSTRAINT known_right_status_check CHECK ((status = ANY (ARRAY['active'::text, 'ended'::text])))
);

CREATE TABLE profile_resolution.lease (
    scope text NOT NULL,
    partition integer NOT NULL,
    owner uuid,
    epoch bigint DEFAULT 0 NOT NULL,
    freed_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    CONSTRAINT lease_epoch_check CHECK ((epoch >= 0)),
    CONSTRAINT lease_partition_check CHECK (((partition >= 0) AND (partition <= 31))),
    CONSTRAINT lease_scope_check CHECK ((scope <> ''::text))
);

CREATE TABLE profile_resolution.lease_member (
    owner uuid NOT NULL,
    scopes text[] NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE profile_resolution.outbox (
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

CREATE TABLE profile_resolution.outbox_adopted (
    event_id uuid NOT NULL
);

CREATE TABLE profile_resolution.outbox_head (
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

CREATE TABLE profile_resolution.outbox_relay (
    source text NOT NULL,
    partition integer NOT NULL,
    sequence bigint DEFAULT 0 NOT NULL,
    kafka_offset bigint DEFAULT '-1'::integer NOT NULL,
    doubted boolean DEFAULT false NOT NULL,
    CONSTRAINT outbox_relay_kafka_offset_check CHECK ((kafka_offset >= '-1'::integer)),
    CONSTRAINT outbox_relay_sequence_check CHECK ((sequence >= 0))
)
WITH (fillfactor='20', autovacuum_vacuum_threshold='200', autovacuum_vacuum_scale_factor='0');

CREATE TABLE profile_resolution.outbox_restoration (
    found_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT outbox_restoration_check CHECK ((settled_at >= found_at))
);

CREATE TABLE profile_resolution.outbox_told (
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

CREATE TABLE profile_resolution.parked (
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

CREATE TABLE profile_resolution.picker_interaction (
    id uuid NOT NULL,
    cookie_hash bytea NOT NULL,
    person_id uuid NOT NULL,
    session_id uuid NOT NULL,
    acr smallint NOT NULL,
    client_name text NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    redeemed_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    redirect_origin text NOT NULL,
    sign_out_url text NOT NULL,
    resume_url text,
    CONSTRAINT picker_interaction_check CHECK ((expires_at > redeemed_at)),
    CONSTRAINT picker_interaction_cookie_hash_check CHECK ((length(cookie_hash) = 32))
);

CREATE TABLE profile_resolution."position" (
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

CREATE TABLE profile_resolution.profile_choice (
    interaction_id uuid NOT NULL,
    person_id uuid NOT NULL,
    session_id uuid NOT NULL,
    kind text NOT NULL,
    profession text,
    organisation_id uuid,
    chosen_at timestamp with time zone NOT NULL,
    CONSTRAINT profile_choice_has_parts_of_its_kind CHECK ((((profession IS NOT NULL) = (kind = 'profession'::text)) AND ((organisation_id IS NOT NULL) = (kind = 'organisation'::text)))),
    CONSTRAINT profile_choice_kind_check CHECK ((kind = ANY (ARRAY['citizen'::text, 'profession'::text, 'organisation'::text])))
);

CREATE TABLE profile_resolution.riziv_number_holder (
    number text NOT NULL,
    person_id uuid NOT NULL,
    CONSTRAINT riziv_number_holder_number_check CHECK ((number ~ '^[1-9][0-9]{7}$'::text))
);

CREATE TABLE profile_resolution.schema_migration (
    component text NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    expands boolean NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT schema_migration_version_check CHECK ((version > 0))
);

CREATE TABLE profile_resolution.waiting_dossier (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    last_name bytea NOT NULL,
    key_id text GENERATED ALWAYS AS (encode(SUBSTRING(last_name FROM 2 FOR get_byte(last_name, 0)), 'escape'::text)) STORED,
    delivered_at timestamp with time zone NOT NULL,
    CONSTRAINT waiting_dossier_last_name_check CHECK (((octet_length(last_name) >= 31) AND (octet_length(last_name) <= 512)))
);

ALTER TABLE ONLY profile_resolution.audit_record
    ADD CONSTRAINT audit_record_pkey PRIMARY KEY (id);

ALTER TABLE ONLY profile_resolution.dossier
    ADD CONSTRAINT dossier_pkey PRIMARY KEY (id);

ALTER TABLE ONLY profile_resolution.ended_access
    ADD CONSTRAINT ended_access_pkey PRIMARY KEY (kind, id);

ALTER TABLE ONLY profile_resolution.known_mandate
    ADD CONSTRAINT known_mandate_pkey PRIMARY KEY (id);

ALTER TABLE ONLY profile_resolution.known_organisation
    ADD CONSTRAINT known_organisation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY profile_resolution.known_right
    ADD CONSTRAINT known_right_pkey PRIMARY KEY (id);

ALTER TABLE ONLY profile_resolution.lease_member
    ADD CONSTRAINT lease_member_pkey PRIMARY KEY (owner);

ALTER TABLE ONLY profile_resolution.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (scope, partition);

ALTER TABLE ONLY profile_resolution.outbox_adopted
    ADD CONSTRAINT outbox_adopted_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY profile_resolution.outbox
    ADD CONSTRAINT outbox_event_id_key UNIQUE (event_id);

ALTER TABLE ONLY profile_resolution.outbox_head
    ADD CONSTRAINT outbox_head_pkey PRIMARY KEY (source, partition);

ALTER TABLE ONLY profile_resolution.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (source, partition, sequence);

ALTER TABLE ONLY profile_resolution.outbox_relay
    ADD CONSTRAINT outbox_relay_pkey PRIMARY KEY (source, partition);

ALTER TABLE ONLY profile_resolution.outbox_restoration
    ADD CONSTRAINT outbox_restoration_pkey PRIMARY KEY (found_at);

ALTER TABLE ONLY profile_resolution.outbox_told
    ADD CONSTRAINT outbox_told_pkey PRIMARY KEY (source, key);

ALTER TABLE ONLY profile_resolution.parked
    ADD CONSTRAINT parked_pkey PRIMARY KEY (projection, source, partition, sequence);

ALTER TABLE ONLY profile_resolution.picker_interaction
    ADD CONSTRAINT picker_interaction_cookie_hash_key UNIQUE (cookie_hash);

ALTER TABLE ONLY profile_resolution.picker_interaction
    ADD CONSTRAINT picker_interaction_pkey PRIMARY KEY (id);

ALTER TABLE ONLY profile_resolution."position"
    ADD CONSTRAINT position_pkey PRIMARY KEY (projection, source, partition);

ALTER TABLE ONLY profile_resolution.profile_choice
    ADD CONSTRAINT profile_choice_pkey PRIMARY KEY (interaction_id);

ALTER TABLE ONLY profile_resolution.riziv_number_holder
    ADD CONSTRAINT riziv_number_holder_person_id_number_key UNIQUE (person_id, number);

ALTER TABLE ONLY profile_resolution.riziv_number_holder
    ADD CONSTRAINT riziv_number_holder_pkey PRIMARY KEY (number);

ALTER TABLE ONLY profile_resolution.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (component, version);

ALTER TABLE ONLY profile_resolution.waiting_dossier
    ADD CONSTRAINT waiting_dossier_pkey PRIMARY KEY (id);

CREATE INDEX audit_record_actor ON profile_resolution.audit_record USING btree (actor, at) WHERE (actor IS NOT NULL);

CREATE INDEX audit_record_dossier ON profile_resolution.audit_record USING btree (dossier, at) WHERE (dossier IS NOT NULL);

CREATE INDEX audit_record_source ON profile_resolution.audit_record USING btree (source, at) WHERE (source IS NOT NULL);

CREATE INDEX audit_record_user_name ON profile_resolution.audit_record USING btree (user_name, at) WHERE (user_name IS NOT NULL);

CREATE UNIQUE INDEX dossier_person_profession ON profile_resolution.dossier USING btree (person_id, profession) NULLS NOT DISTINCT;

CREATE INDEX ended_access_place_idx ON profile_resolution.ended_access USING btree (partition, sequence);

CREATE INDEX ended_access_until_idx ON profile_resolution.ended_access USING btree (until);

CREATE INDEX known_mandate_holder_organisation ON profile_resolution.known_mandate USING btree (holder_organisation_id, starts_on) WHERE (status = 'active'::text);

CREATE INDEX known_mandate_holder_person ON profile_resolution.known_mandate USING btree (holder_person_id) WHERE (status = 'active'::text);

CREATE INDEX known_right_person ON profile_resolution.known_right USING btree (person_id);

CREATE INDEX lease_owner ON profile_resolution.lease USING btree (owner) WHERE (owner IS NOT NULL);

CREATE INDEX outbox_correction ON profile_resolution.outbox USING btree (source, type) WHERE (type ~ '[.](restated|voided)$'::text);

CREATE UNIQUE INDEX outbox_restoration_open ON profile_resolution.outbox_restoration USING btree ((true)) WHERE (settled_at IS NULL);

CREATE INDEX outbox_told_partition ON profile_resolution.outbox_told USING btree (source, partition, key);

CREATE INDEX parked_key ON profile_resolution.parked USING btree (source, key);

CREATE INDEX picker_interaction_expires ON profile_resolution.picker_interaction USING btree (expires_at);

CREATE INDEX profile_choice_session ON profile_resolution.profile_choice USING btree (session_id);

CREATE INDEX waiting_dossier_key_idx ON profile_resolution.waiting_dossier USING btree (key_id);

CREATE INDEX waiting_dossier_person_idx ON profile_resolution.waiting_dossier USING btree (person_id);

CREATE TRIGGER audit_record_append_only BEFORE DELETE OR UPDATE ON profile_resolution.audit_record FOR EACH ROW EXECUTE FUNCTION profile_resolution.refuse_change();

CREATE TRIGGER audit_record_not_truncated BEFORE TRUNCATE ON profile_resolution.audit_record FOR EACH STATEMENT EXECUTE FUNCTION profile_resolution.refuse_change();

CREATE TRIGGER outbox_append_only BEFORE UPDATE ON profile_resolution.outbox FOR EACH ROW EXECUTE FUNCTION profile_resolution.refuse_change();

ALTER TABLE ONLY profile_resolution.dossier
    ADD CONSTRAINT dossier_riziv_number_is_hers FOREIGN KEY (person_id, riziv_key) REFERENCES profile_resolution.riziv_number_holder(person_id, number);

ALTER TABLE ONLY profile_resolution.outbox_relay
    ADD CONSTRAINT outbox_relay_source_partition_fkey FOREIGN KEY (source, partition) REFERENCES profile_resolution.outbox_head(source, partition);

ALTER TABLE ONLY profile_resolution.parked
    ADD CONSTRAINT parked_projection_source_partition_fkey FOREIGN KEY (projection, source, partition) REFERENCES profile_resolution."position"(projection, source, partition);

ALTER TABLE ONLY profile_resolution.waiting_dossier
    ADD CONSTRAINT waiting_dossier_id_fkey FOREIGN KEY (id) REFERENCES profile_resolution.dossier(id);

GRANT USAGE ON SCHEMA profile_resolution TO profile_resolution_app;

REVOKE ALL ON FUNCTION profile_resolution.refuse_change() FROM PUBLIC;
GRANT ALL ON FUNCTION profile_resolution.refuse_change() TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.audit_record TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.dossier TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.ended_access TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.known_mandate TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.known_organisation TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.known_right TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.lease TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.lease_member TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.outbox TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.outbox_adopted TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.outbox_head TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.outbox_relay TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.outbox_restoration TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.outbox_told TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.parked TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.picker_interaction TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution."position" TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.profile_choice TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.riziv_number_holder TO profile_resolution_app;

GRANT SELECT ON TABLE profile_resolution.schema_migration TO profile_resolution_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profile_resolution.waiting_dossier TO profile_resolution_app;

ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner IN SCHEMA profile_resolution GRANT SELECT,USAGE ON SEQUENCES  TO profile_resolution_app;

ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner IN SCHEMA profile_resolution GRANT ALL ON FUNCTIONS  TO profile_resolution_app;

ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner IN SCHEMA profile_resolution GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO profile_resolution_app;
