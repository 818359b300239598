-- Schema organisation_rights after all migrations, to be read. Written by `deploy/dev schema`; never run.

CREATE SCHEMA organisation_rights;

CREATE FUNCTION organisation_rights.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are added and never changed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TABLE organisation_rights.access_manager (
    id uuid NOT NULL,
    version bigint NOT NULL,
    organisation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL,
    appointed_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT access_manager_ended_at_check CHECK ((ended_at >= appointed_at)),
    CONSTRAINT access_manager_role_check CHECK ((role = ANY (ARRAY['chief-access-manager'::text, 'access-manager'::text]))),
    CONSTRAINT access_manager_version_check CHECK ((version >= 1))
);

CREATE TABLE organisation_rights.audit_record (
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

CREATE TABLE organisation_rights.ended_access (
    kind text NOT NULL,
    id uuid NOT NULL,
    until timestamp with time zone NOT NULL,
    partition integer NOT NULL,
    sequence bigint NOT NULL,
    CONSTRAINT ended_access_kind_check CHECK ((kind = ANY (ARRAY['sid'::text, 'family'::text, 'jti'::text]))),
    CONSTRAINT ended_access_partition_check CHECK (((partition >= 0) AND (partition <= 31))),
    CONSTRAINT ended_access_sequence_check CHECK ((sequence > 0))
);

CREATE TABLE organisation_rights.giver_misses (
    person_id uuid NOT NULL,
    empty_at timestamp with time zone NOT NULL
);

CREATE TABLE organisation_rights.granted_right (
    id uuid NOT NULL,
    version bigint NOT NULL,
    organisation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    masked_number text NOT NULL,
    role text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    given_by uuid,
    given_at timestamp with time zone NOT NULL,
    ended_by uuid,
    ended_at timestamp with time zone,
    CONSTRAINT granted_right_ended_check CHECK (((ended_at >= given_at) AND ((ended_by IS NULL) OR (ended_at IS NOT NULL)))),
    CONSTRAINT granted_right_masked_number_check CHECK ((masked_number ~ '^[0-9]{2}\.[0-9]{2}\.[0-9]{2}-\*{3}\.\*{2}$'::text)),
    CONSTRAINT granted_right_period_check CHECK ((ends_on >= starts_on)),
    CONSTRAINT granted_right_role_check CHECK (((char_length(role) >= 1) AND (char_length(role) <= 64))),
    CONSTRAINT granted_right_version_check CHECK ((version >= 1))
);

CREATE TABLE organisation_rights.lease (
    scope text NOT NULL,
    partition integer NOT NULL,
    owner uuid,
    epoch bigint DEFAULT 0 NOT NULL,
    freed_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    CONSTRAINT lease_epoch_check CHECK ((epoch >= 0)),
    CONSTRAINT lease_partition_check CHECK (((partition >= 0) AND (partition <= 31))),
    CONSTRAINT lease_scope_check CHECK ((scope <> ''::text))
);

CREATE TABLE organisation_rights.lease_member (
    owner uuid NOT NULL,
    scopes text[] NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE organisation_rights.organisation (
    id uuid NOT NULL,
    version bigint NOT NULL,
    enterprise_number text,
    riziv_number text,
    name text NOT NULL,
    type text NOT NULL,
    status text NOT NULL,
    registered_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT organisation_changed_at_check CHECK ((changed_at >= registered_at)),
    CONSTRAINT organisation_enterprise_number_check CHECK ((enterprise_number ~ '^[0-9]{10}$'::text)),
    CONSTRAINT organisation_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 200))),
    CONSTRAINT organisation_numbers_check CHECK ((num_nonnulls(enterprise_number, riziv_number) >= 1)),
    CONSTRAINT organisation_riziv_number_check CHECK ((riziv_number ~ '^[0-9]{8}([0-9]{3})?$'::text)),
    CONSTRAINT organisation_status_check CHECK ((status = ANY (ARRAY['active'::text, 'stopped'::text]))),
    CONSTRAINT organisation_version_check CHECK ((version >= 1))
);

CREATE TABLE organisation_rights.outbox (
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

CREATE TABLE organisation_rights.outbox_adopted (
    event_id uuid NOT NULL
);

CREATE TABLE organisation_rights.outbox_head (
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

CREATE TABLE organisation_rights.outbox_relay (
    source text NOT NULL,
    partition integer NOT NULL,
    sequence bigint DEFAULT 0 NOT NULL,
    kafka_offset bigint DEFAULT '-1'::integer NOT NULL,
    doubted boolean DEFAULT false NOT NULL,
    CONSTRAINT outbox_relay_kafka_offset_check CHECK ((kafka_offset >= '-1'::integer)),
    CONSTRAINT outbox_relay_sequence_check CHECK ((sequence >= 0))
)
WITH (fillfactor='20', autovacuum_vacuum_threshold='200', autovacuum_vacuum_scale_factor='0');

CREATE TABLE organisation_rights.outbox_restoration (
    found_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT outbox_restoration_check CHECK ((settled_at >= found_at))
);

CREATE TABLE organisation_rights.outbox_told (
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

CREATE TABLE organisation_rights.parked (
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

CREATE TABLE organisation_rights."position" (
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

CREATE TABLE organisation_rights.schema_migration (
    component text NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    expands boolean NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT schema_migration_version_check CHECK ((version > 0))
);

CREATE TABLE organisation_rights.waiting_appointment (
    id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL,
    last_name bytea NOT NULL,
    key_id text GENERATED ALWAYS AS (encode(SUBSTRING(last_name FROM 2 FOR get_byte(last_name, 0)), 'escape'::text)) STORED,
    delivered_at timestamp with time zone NOT NULL,
    waits_until timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    CONSTRAINT waiting_appointment_last_name_check CHECK (((octet_length(last_name) >= 31) AND (octet_length(last_name) <= 512))),
    CONSTRAINT waiting_appointment_role_check CHECK ((role = ANY (ARRAY['chief-access-manager'::text, 'access-manager'::text]))),
    CONSTRAINT waiting_appointment_waits_check CHECK ((waits_until > delivered_at))
);

CREATE TABLE organisation_rights.waiting_right (
    id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    masked_number text NOT NULL,
    role text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    last_name bytea,
    key_id text GENERATED ALWAYS AS (encode(SUBSTRING(last_name FROM 2 FOR get_byte(last_name, 0)), 'escape'::text)) STORED,
    given_by uuid,
    given_at timestamp with time zone NOT NULL,
    waits_until timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    ended_by uuid,
    ended_at timestamp with time zone,
    CONSTRAINT waiting_right_ended_check CHECK ((((ended_at IS NULL) = (last_name IS NOT NULL)) AND (ended_at >= given_at) AND ((ended_at IS NULL) OR (due_at IS NULL)) AND ((ended_by IS NULL) OR (ended_at IS NOT NULL)))),
    CONSTRAINT waiting_right_last_name_check CHECK (((octet_length(last_name) >= 31) AND (octet_length(last_name) <= 512))),
    CONSTRAINT waiting_right_masked_number_check CHECK ((masked_number ~ '^[0-9]{2}\.[0-9]{2}\.[0-9]{2}-\*{3}\.\*{2}$'::text)),
    CONSTRAINT waiting_right_period_check CHECK ((ends_on >= starts_on)),
    CONSTRAINT waiting_right_role_check CHECK (((char_length(role) >= 1) AND (char_length(role) <= 64))),
    CONSTRAINT waiting_right_waits_check CHECK ((waits_until > given_at))
);

ALTER TABLE ONLY organisation_rights.access_manager
    ADD CONSTRAINT access_manager_pkey PRIMARY KEY (id);

ALTER TABLE ONLY organisation_rights.audit_record
    ADD CONSTRAINT audit_record_pkey PRIMARY KEY (id);

ALTER TABLE ONLY organisation_rights.ended_access
    ADD CONSTRAINT ended_access_pkey PRIMARY KEY (kind, id);

ALTER TABLE ONLY organisation_rights.giver_misses
    ADD CONSTRAINT giver_misses_pkey PRIMARY KEY (person_id);

ALTER TABLE ONLY organisation_rights.granted_right
    ADD CONSTRAINT granted_right_overlap_excl EXCLUDE USING gist (person_id WITH =, organisation_id WITH =, role WITH =, daterange(starts_on, ends_on, '[]'::text) WITH &&) WHERE ((ended_at IS NULL));

ALTER TABLE ONLY organisation_rights.granted_right
    ADD CONSTRAINT granted_right_pkey PRIMARY KEY (id);

ALTER TABLE ONLY organisation_rights.lease_member
    ADD CONSTRAINT lease_member_pkey PRIMARY KEY (owner);

ALTER TABLE ONLY organisation_rights.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (scope, partition);

ALTER TABLE ONLY organisation_rights.organisation
    ADD CONSTRAINT organisation_enterprise_number_key UNIQUE (enterprise_number);

ALTER TABLE ONLY organisation_rights.organisation
    ADD CONSTRAINT organisation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY organisation_rights.organisation
    ADD CONSTRAINT organisation_riziv_number_key UNIQUE (riziv_number);

ALTER TABLE ONLY organisation_rights.outbox_adopted
    ADD CONSTRAINT outbox_adopted_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY organisation_rights.outbox
    ADD CONSTRAINT outbox_event_id_key UNIQUE (event_id);

ALTER TABLE ONLY organisation_rights.outbox_head
    ADD CONSTRAINT outbox_head_pkey PRIMARY KEY (source, partition);

ALTER TABLE ONLY organisation_rights.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (source, partition, sequence);

ALTER TABLE ONLY organisation_rights.outbox_relay
    ADD CONSTRAINT outbox_relay_pkey PRIMARY KEY (source, partition);

ALTER TABLE ONLY organisation_rights.outbox_restoration
    ADD CONSTRAINT outbox_restoration_pkey PRIMARY KEY (found_at);

ALTER TABLE ONLY organisation_rights.outbox_told
    ADD CONSTRAINT outbox_told_pkey PRIMARY KEY (source, key);

ALTER TABLE ONLY organisation_rights.parked
    ADD CONSTRAINT parked_pkey PRIMARY KEY (projection, source, partition, sequence);

ALTER TABLE ONLY organisation_rights."position"
    ADD CONSTRAINT position_pkey PRIMARY KEY (projection, source, partition);

ALTER TABLE ONLY organisation_rights.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (component, version);

ALTER TABLE ONLY organisation_rights.waiting_appointment
    ADD CONSTRAINT waiting_appointment_once UNIQUE (person_id, organisation_id);

ALTER TABLE ONLY organisation_rights.waiting_appointment
    ADD CONSTRAINT waiting_appointment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY organisation_rights.waiting_right
    ADD CONSTRAINT waiting_right_pkey PRIMARY KEY (id);

CREATE INDEX access_manager_ended_idx ON organisation_rights.access_manager USING btree (person_id, organisation_id) WHERE (ended_at IS NOT NULL);

CREATE INDEX access_manager_organisation_idx ON organisation_rights.access_manager USING btree (organisation_id);

CREATE UNIQUE INDEX access_manager_person_key ON organisation_rights.access_manager USING btree (person_id, organisation_id) WHERE (ended_at IS NULL);

CREATE INDEX audit_record_actor ON organisation_rights.audit_record USING btree (actor, at) WHERE (actor IS NOT NULL);

CREATE INDEX audit_record_dossier ON organisation_rights.audit_record USING btree (dossier, at) WHERE (dossier IS NOT NULL);

CREATE INDEX audit_record_source ON organisation_rights.audit_record USING btree (source, at) WHERE (source IS NOT NULL);

CREATE INDEX audit_record_user_name ON organisation_rights.audit_record USING btree (user_name, at) WHERE (user_name IS NOT NULL);

CREATE INDEX ended_access_place_idx ON organisation_rights.ended_access USING btree (partition, sequence);

CREATE INDEX ended_access_until_idx ON organisation_rights.ended_access USING btree (until);

CREATE INDEX giver_misses_empty_at_idx ON organisation_rights.giver_misses USING btree (empty_at);

CREATE INDEX granted_right_active_idx ON organisation_rights.granted_right USING btree (organisation_id, id DESC) WHERE (ended_at IS NULL);

CREATE INDEX granted_right_ended_idx ON organisation_rights.granted_right USING btree (organisation_id, id DESC) WHERE (ended_at IS NOT NULL);

CREATE INDEX granted_right_person_idx ON organisation_rights.granted_right USING btree (person_id, organisation_id, role);

CREATE INDEX lease_owner ON organisation_rights.lease USING btree (owner) WHERE (owner IS NOT NULL);

CREATE INDEX outbox_correction ON organisation_rights.outbox USING btree (source, type) WHERE (type ~ '[.](restated|voided)$'::text);

CREATE UNIQUE INDEX outbox_restoration_open ON organisation_rights.outbox_restoration USING btree ((true)) WHERE (settled_at IS NULL);

CREATE INDEX outbox_told_partition ON organisation_rights.outbox_told USING btree (source, partition, key);

CREATE INDEX parked_key ON organisation_rights.parked USING btree (source, key);

CREATE INDEX waiting_appointment_due_idx ON organisation_rights.waiting_appointment USING btree (due_at, id) WHERE (due_at IS NOT NULL);

CREATE INDEX waiting_appointment_key_idx ON organisation_rights.waiting_appointment USING btree (key_id);

CREATE INDEX waiting_appointment_until_idx ON organisation_rights.waiting_appointment USING btree (waits_until);

CREATE INDEX waiting_right_due_idx ON organisation_rights.waiting_right USING btree (due_at, id) WHERE (due_at IS NOT NULL);

CREATE INDEX waiting_right_ended_idx ON organisation_rights.waiting_right USING btree (ended_at) WHERE (ended_at IS NOT NULL);

CREATE INDEX waiting_right_key_idx ON organisation_rights.waiting_right USING btree (key_id);

CREATE INDEX waiting_right_last_day_idx ON organisation_rights.waiting_right USING btree (ends_on) WHERE ((ended_at IS NULL) AND (ends_on IS NOT NULL));

CREATE INDEX waiting_right_organisation_idx ON organisation_rights.waiting_right USING btree (organisation_id, id DESC);

CREATE INDEX waiting_right_person_idx ON organisation_rights.waiting_right USING btree (person_id, organisation_id, role) WHERE (ended_at IS NULL);

CREATE INDEX waiting_right_until_idx ON organisation_rights.waiting_right USING btree (waits_until) WHERE (ended_at IS NULL);

CREATE TRIGGER audit_record_append_only BEFORE DELETE OR UPDATE ON organisation_rights.audit_record FOR EACH ROW EXECUTE FUNCTION organisation_rights.refuse_change();

CREATE TRIGGER audit_record_not_truncated BEFORE TRUNCATE ON organisation_rights.audit_record FOR EACH STATEMENT EXECUTE FUNCTION organisation_rights.refuse_change();

CREATE TRIGGER outbox_append_only BEFORE UPDATE ON organisation_rights.outbox FOR EACH ROW EXECUTE FUNCTION organisation_rights.refuse_change();

ALTER TABLE ONLY organisation_rights.access_manager
    ADD CONSTRAINT access_manager_organisation_fkey FOREIGN KEY (organisation_id) REFERENCES organisation_rights.organisation(id);

ALTER TABLE ONLY organisation_rights.granted_right
    ADD CONSTRAINT granted_right_organisation_fkey FOREIGN KEY (organisation_id) REFERENCES organisation_rights.organisation(id);

ALTER TABLE ONLY organisation_rights.outbox_relay
    ADD CONSTRAINT outbox_relay_source_partition_fkey FOREIGN KEY (source, partition) REFERENCES organisation_rights.outbox_head(source, partition);

ALTER TABLE ONLY organisation_rights.parked
    ADD CONSTRAINT parked_projection_source_partition_fkey FOREIGN KEY (projection, source, partition) REFERENCES organisation_rights."position"(projection, source, partition);

ALTER TABLE ONLY organisation_rights.waiting_appointment
    ADD CONSTRAINT waiting_appointment_organisation_fkey FOREIGN KEY (organisation_id) REFERENCES organisation_rights.organisation(id);

ALTER TABLE ONLY organisation_rights.waiting_right
    ADD CONSTRAINT waiting_right_organisation_fkey FOREIGN KEY (organisation_id) REFERENCES organisation_rights.organisation(id);

GRANT USAGE ON SCHEMA organisation_rights TO organisation_rights_app;

REVOKE ALL ON FUNCTION organisation_rights.refuse_change() FROM PUBLIC;
GRANT ALL ON FUNCTION organisation_rights.refuse_change() TO organisation_rights_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE organisation_rights.access_manager TO organisation_rights_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE organisation_rights.audit_record TO organisation_rights_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE organisation_rights.ended_access TO organisation_rights_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE organisation_rights.giver_misses TO organisation_rights_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE organisation_rights.granted_right TO organisation_rights_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE organisation_rights.lease TO organisation_rights_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE organisation_rights.lease_member TO organisation_rights_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE organisation_rights.organisation TO organisation_rights_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE organisation_rights.outbox TO organisation_rights_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE organisation_rights.outbox_adopted TO organisation_rights_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE organisation_rights.outbox_head TO organisation_rights_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE organisation_rights.outbox_relay TO organisation_rights_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE organisation_rights.outbox_restoration TO organisation_rights_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE organisation_rights.outbox_told TO organisation_rights_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE organisation_rights.parked TO organisation_rights_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE organisation_rights."position" TO organisation_rights_app;

GRANT SELECT ON TABLE organisation_rights.schema_migration TO organisation_rights_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE organisation_rights.waiting_appointment TO organisation_rights_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE organisation_rights.waiting_right TO organisation_rights_app;

ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner IN SCHEMA organisation_rights GRANT SELECT,USAGE ON SEQUENCES  TO organisation_rights_app;

ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner IN SCHEMA organisation_rights GRANT ALL ON FUNCTIONS  TO organisation_rights_app;

ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner IN SCHEMA organisation_rights GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO organisation_rights_app;
