-- Schema authentication after all migrations, to be read. Written by `deploy/dev schema`; never run.

CREATE SCHEMA authentication;

CREATE FUNCTION authentication.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are added and never changed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TABLE authentication.account (
    person_id uuid NOT NULL,
    user_name text NOT NULL,
    password_salt bytea NOT NULL,
    password_hash bytea NOT NULL,
    password_rounds integer NOT NULL,
    password_block_size smallint NOT NULL,
    password_parallelism smallint NOT NULL,
    app_secret bytea NOT NULL,
    app_secret_key_id text GENERATED ALWAYS AS (encode(SUBSTRING(app_secret FROM 2 FOR get_byte(app_secret, 0)), 'escape'::text)) STORED,
    last_code_step bigint,
    email text NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT account_cost_check CHECK (((password_rounds > 1) AND (password_block_size > 0) AND (password_parallelism > 0))),
    CONSTRAINT account_email_check CHECK (((char_length(email) >= 3) AND (char_length(email) <= 254))),
    CONSTRAINT account_hash_check CHECK ((octet_length(password_hash) = 32)),
    CONSTRAINT account_salt_check CHECK ((octet_length(password_salt) >= 16)),
    CONSTRAINT account_user_name_check CHECK ((user_name ~ '^[a-z0-9._@+-]{1,64}$'::text))
);

CREATE TABLE authentication.audit_record (
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

CREATE TABLE authentication.authorization_code (
    hash bytea NOT NULL,
    transaction_id uuid NOT NULL,
    session_id uuid NOT NULL,
    choice jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    token_family uuid,
    CONSTRAINT authorization_code_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT authorization_code_life_check CHECK (((expires_at > created_at) AND (expires_at <= (created_at + '00:01:00'::interval)))),
    CONSTRAINT authorization_code_used_check CHECK (((used_at IS NOT NULL) OR (token_family IS NULL)))
);

CREATE TABLE authentication.client_assertion (
    client_id text NOT NULL,
    assertion_id text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT client_assertion_id_check CHECK (((char_length(assertion_id) >= 1) AND (char_length(assertion_id) <= 255)))
);

CREATE TABLE authentication.device (
    person_id uuid NOT NULL,
    browser_hash bytea NOT NULL,
    last_success_at timestamp with time zone NOT NULL,
    CONSTRAINT device_browser_check CHECK ((octet_length(browser_hash) = 32))
);

CREATE TABLE authentication.erased_person (
    id uuid NOT NULL,
    version bigint NOT NULL,
    erased_at timestamp with time zone NOT NULL
);

CREATE TABLE authentication.interaction (
    id uuid NOT NULL,
    transaction_id uuid NOT NULL,
    session_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    redeemed_at timestamp with time zone,
    redeemed_by text,
    choice jsonb,
    chosen_at timestamp with time zone,
    resumed_at timestamp with time zone,
    CONSTRAINT interaction_choice_check CHECK (((choice IS NULL) = (chosen_at IS NULL))),
    CONSTRAINT interaction_order_check CHECK ((((choice IS NULL) OR (redeemed_at IS NOT NULL)) AND ((resumed_at IS NULL) OR (choice IS NOT NULL)))),
    CONSTRAINT interaction_redeemed_check CHECK (((redeemed_at IS NULL) = (redeemed_by IS NULL)))
);

CREATE TABLE authentication.lease (
    scope text NOT NULL,
    partition integer NOT NULL,
    owner uuid,
    epoch bigint DEFAULT 0 NOT NULL,
    freed_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    CONSTRAINT lease_epoch_check CHECK ((epoch >= 0)),
    CONSTRAINT lease_partition_check CHECK (((partition >= 0) AND (partition <= 31))),
    CONSTRAINT lease_scope_check CHECK ((scope <> ''::text))
);

CREATE TABLE authentication.lease_member (
    owner uuid NOT NULL,
    scopes text[] NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE authentication.logout_delivery (
    session_id uuid NOT NULL,
    client_id text NOT NULL,
    person_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    next_attempt_at timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    CONSTRAINT logout_delivery_attempts_check CHECK ((attempts >= 0))
);

CREATE TABLE authentication.organisation_fact (
    organisation_id uuid NOT NULL,
    version bigint NOT NULL,
    active boolean NOT NULL
);

CREATE TABLE authentication.outbox (
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

CREATE TABLE authentication.outbox_adopted (
    event_id uuid NOT NULL
);

CREATE TABLE authentication.outbox_head (
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

CREATE TABLE authentication.outbox_relay (
    source text NOT NULL,
    partition integer NOT NULL,
    sequence bigint DEFAULT 0 NOT NULL,
    kafka_offset bigint DEFAULT '-1'::integer NOT NULL,
    doubted boolean DEFAULT false NOT NULL,
    CONSTRAINT outbox_relay_kafka_offset_check CHECK ((kafka_offset >= '-1'::integer)),
    CONSTRAINT outbox_relay_sequence_check CHECK ((sequence >= 0))
)
WITH (fillfactor='20', autovacuum_vacuum_threshold='200', autovacuum_vacuum_scale_factor='0');

CREATE TABLE authentication.outbox_restoration (
    found_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT outbox_restoration_check CHECK ((settled_at >= found_at))
);

CREATE TABLE authentication.outbox_told (
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

CREATE TABLE authentication.parked (
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

CREATE TABLE authentication.person (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    signed_in_at timestamp with time zone,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT person_version_check CHECK ((version >= 1))
);

CREATE TABLE authentication.person_name (
    person_id uuid NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    language text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT person_name_language_check CHECK ((language = ANY (ARRAY['nl'::text, 'fr'::text, 'de'::text, 'en'::text]))),
    CONSTRAINT person_name_names_check CHECK (((char_length(first_name) <= 100) AND (char_length(last_name) <= 100) AND ((first_name || last_name) <> ''::text)))
);

CREATE TABLE authentication.person_number (
    person_id uuid NOT NULL,
    ordinal smallint DEFAULT 1 NOT NULL,
    sealed bytea NOT NULL,
    key_id text GENERATED ALWAYS AS (encode(SUBSTRING(sealed FROM 2 FOR get_byte(sealed, 0)), 'escape'::text)) STORED,
    known_since timestamp with time zone NOT NULL,
    replaced_at timestamp with time zone,
    replaced_because text,
    CONSTRAINT person_number_because_check CHECK ((replaced_because = ANY (ARRAY['bis-replaced'::text, 'corrected'::text]))),
    CONSTRAINT person_number_ordinal_check CHECK ((ordinal >= 1)),
    CONSTRAINT person_number_replaced_check CHECK ((((replaced_at IS NULL) = (replaced_because IS NULL)) AND (replaced_at >= known_since))),
    CONSTRAINT person_number_sealed_check CHECK (((octet_length(sealed) >= 40) AND (octet_length(sealed) <= 128)))
);

CREATE TABLE authentication.person_number_index (
    key_id text NOT NULL,
    digest bytea NOT NULL,
    person_id uuid NOT NULL,
    ordinal smallint DEFAULT 1 NOT NULL,
    CONSTRAINT person_number_index_digest_check CHECK ((octet_length(digest) = 32))
);

CREATE TABLE authentication.person_session (
    id uuid NOT NULL,
    cookie_hash bytea NOT NULL,
    person_id uuid NOT NULL,
    digital_key text NOT NULL,
    acr smallint NOT NULL,
    language text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    end_reason text,
    CONSTRAINT person_session_acr_check CHECK ((acr = ANY (ARRAY[100, 200, 350, 400, 450, 500]))),
    CONSTRAINT person_session_cookie_check CHECK ((octet_length(cookie_hash) = 32)),
    CONSTRAINT person_session_end_check CHECK (((ended_at IS NULL) = (end_reason IS NULL))),
    CONSTRAINT person_session_key_check CHECK ((digital_key = ANY (ARRAY['eid'::text, 'itsme'::text, 'email-code'::text, 'app-code'::text, 'eidas'::text]))),
    CONSTRAINT person_session_language_check CHECK ((language = ANY (ARRAY['nl'::text, 'fr'::text, 'de'::text, 'en'::text]))),
    CONSTRAINT person_session_reason_check CHECK ((end_reason = ANY (ARRAY['signed-out'::text, 'expired'::text, 'replaced'::text, 'security'::text]))),
    CONSTRAINT person_session_used_check CHECK ((last_used_at >= started_at))
);

CREATE TABLE authentication."position" (
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

CREATE TABLE authentication.right_period (
    right_id uuid NOT NULL,
    version bigint NOT NULL,
    last_day date NOT NULL
);

CREATE TABLE authentication.schema_migration (
    component text NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    expands boolean NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT schema_migration_version_check CHECK ((version > 0))
);

CREATE TABLE authentication.session_client (
    session_id uuid NOT NULL,
    client_id text NOT NULL,
    first_used_at timestamp with time zone NOT NULL,
    CONSTRAINT session_client_client_check CHECK (((char_length(client_id) >= 1) AND (char_length(client_id) <= 100)))
);

CREATE TABLE authentication.sign_in_transaction (
    id uuid NOT NULL,
    browser_hash bytea NOT NULL,
    client_id text NOT NULL,
    redirect_uri text NOT NULL,
    scopes text[] NOT NULL,
    resources text[] NOT NULL,
    state text,
    nonce text,
    code_challenge text NOT NULL,
    minimum_acr smallint NOT NULL,
    prompt text NOT NULL,
    maximum_age bigint,
    language text NOT NULL,
    expected_subject text,
    session_id uuid NOT NULL,
    signed_in_at timestamp with time zone,
    sign_in_digest bytea,
    browser_hash_before bytea,
    started_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    completed_at timestamp with time zone,
    CONSTRAINT sign_in_transaction_acr_check CHECK ((minimum_acr = ANY (ARRAY[100, 200, 350, 400, 450, 500]))),
    CONSTRAINT sign_in_transaction_browser_check CHECK ((octet_length(browser_hash) = 32)),
    CONSTRAINT sign_in_transaction_challenge_check CHECK ((code_challenge ~ '^[A-Za-z0-9_-]{43}$'::text)),
    CONSTRAINT sign_in_transaction_client_check CHECK (((char_length(client_id) >= 1) AND (char_length(client_id) <= 100))),
    CONSTRAINT sign_in_transaction_language_check CHECK ((language = ANY (ARRAY['nl'::text, 'fr'::text, 'de'::text, 'en'::text]))),
    CONSTRAINT sign_in_transaction_opaque_check CHECK ((((char_length(state) >= 1) AND (char_length(state) <= 2048)) AND ((char_length(nonce) >= 1) AND (char_length(nonce) <= 2048)))),
    CONSTRAINT sign_in_transaction_period_check CHECK ((expires_at > started_at)),
    CONSTRAINT sign_in_transaction_prompt_check CHECK ((prompt = ANY (ARRAY['automatic'::text, 'none'::text, 'login'::text]))),
    CONSTRAINT sign_in_transaction_signed_in_check CHECK ((num_nulls(signed_in_at, sign_in_digest, browser_hash_before) = ANY (ARRAY[0, 3])))
);

CREATE TABLE authentication.signing_key (
    number integer NOT NULL,
    id text NOT NULL,
    sealed bytea NOT NULL,
    key_id text GENERATED ALWAYS AS (encode(SUBSTRING(sealed FROM 2 FOR get_byte(sealed, 0)), 'escape'::text)) STORED,
    published_at timestamp with time zone NOT NULL,
    signs_from timestamp with time zone NOT NULL,
    CONSTRAINT signing_key_number_check CHECK ((number > 0)),
    CONSTRAINT signing_key_order_check CHECK ((signs_from >= published_at))
);

CREATE TABLE authentication.throttle_bucket (
    kind text NOT NULL,
    digital_key text NOT NULL,
    account bytea NOT NULL,
    place bytea NOT NULL,
    empty_at timestamp with time zone NOT NULL,
    CONSTRAINT throttle_bucket_account_check CHECK ((octet_length(account) =
CASE
    WHEN (kind = ANY (ARRAY['source'::text, 'wide-source'::text])) THEN 0
    ELSE 32
END)),
    CONSTRAINT throttle_bucket_key_check CHECK ((digital_key = ANY (ARRAY['eid'::text, 'itsme'::text, 'email-code'::text, 'app-code'::text, 'eidas'::text]))),
    CONSTRAINT throttle_bucket_kind_check CHECK ((kind = ANY (ARRAY['code'::text, 'known-browser'::text, 'unknown-browser'::text, 'source'::text, 'wide-source'::text]))),
    CONSTRAINT throttle_bucket_place_check CHECK (((octet_length(place) = 32) OR ((kind = 'code'::text) AND (octet_length(place) = 0))))
);

CREATE TABLE authentication.token (
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

CREATE TABLE authentication.token_basis (
    kind text NOT NULL,
    id uuid NOT NULL,
    ended_version bigint,
    ended_at timestamp with time zone,
    CONSTRAINT token_basis_kind_check CHECK ((kind ~ '^[a-z][a-z-]{0,31}$'::text)),
    CONSTRAINT token_basis_tombstone_check CHECK (((ended_version IS NULL) = (ended_at IS NULL))),
    CONSTRAINT token_basis_version_check CHECK ((ended_version >= 0))
);

CREATE TABLE authentication.token_binding (
    hash bytea NOT NULL,
    kind text NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT token_binding_version_check CHECK ((version >= 0))
);

CREATE TABLE authentication.token_family (
    id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_reason text,
    CONSTRAINT token_family_end_check CHECK (((ended_at IS NULL) = (ended_reason IS NULL))),
    CONSTRAINT token_family_reason_check CHECK ((ended_reason = ANY (ARRAY['reuse'::text, 'revoked'::text, 'restored'::text])))
);

ALTER TABLE ONLY authentication.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (person_id);

ALTER TABLE ONLY authentication.account
    ADD CONSTRAINT account_user_name_key UNIQUE (user_name);

ALTER TABLE ONLY authentication.audit_record
    ADD CONSTRAINT audit_record_pkey PRIMARY KEY (id);

ALTER TABLE ONLY authentication.authorization_code
    ADD CONSTRAINT authorization_code_once UNIQUE (transaction_id);

ALTER TABLE ONLY authentication.authorization_code
    ADD CONSTRAINT authorization_code_pkey PRIMARY KEY (hash);

ALTER TABLE ONLY authentication.client_assertion
    ADD CONSTRAINT client_assertion_pkey PRIMARY KEY (client_id, assertion_id);

ALTER TABLE ONLY authentication.device
    ADD CONSTRAINT device_pkey PRIMARY KEY (person_id, browser_hash);

ALTER TABLE ONLY authentication.erased_person
    ADD CONSTRAINT erased_person_pkey PRIMARY KEY (id);

ALTER TABLE ONLY authentication.interaction
    ADD CONSTRAINT interaction_pkey PRIMARY KEY (id);

ALTER TABLE ONLY authentication.lease_member
    ADD CONSTRAINT lease_member_pkey PRIMARY KEY (owner);

ALTER TABLE ONLY authentication.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (scope, partition);

ALTER TABLE ONLY authentication.logout_delivery
    ADD CONSTRAINT logout_delivery_pkey PRIMARY KEY (session_id, client_id);

ALTER TABLE ONLY authentication.organisation_fact
    ADD CONSTRAINT organisation_fact_pkey PRIMARY KEY (organisation_id);

ALTER TABLE ONLY authentication.outbox_adopted
    ADD CONSTRAINT outbox_adopted_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY authentication.outbox
    ADD CONSTRAINT outbox_event_id_key UNIQUE (event_id);

ALTER TABLE ONLY authentication.outbox_head
    ADD CONSTRAINT outbox_head_pkey PRIMARY KEY (source, partition);

ALTER TABLE ONLY authentication.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (source, partition, sequence);

ALTER TABLE ONLY authentication.outbox_relay
    ADD CONSTRAINT outbox_relay_pkey PRIMARY KEY (source, partition);

ALTER TABLE ONLY authentication.outbox_restoration
    ADD CONSTRAINT outbox_restoration_pkey PRIMARY KEY (found_at);

ALTER TABLE ONLY authentication.outbox_told
    ADD CONSTRAINT outbox_told_pkey PRIMARY KEY (source, key);

ALTER TABLE ONLY authentication.parked
    ADD CONSTRAINT parked_pkey PRIMARY KEY (projection, source, partition, sequence);

ALTER TABLE ONLY authentication.person_name
    ADD CONSTRAINT person_name_pkey PRIMARY KEY (person_id);

ALTER TABLE ONLY authentication.person_number_index
    ADD CONSTRAINT person_number_index_once UNIQUE (person_id, ordinal, key_id);

ALTER TABLE ONLY authentication.person_number_index
    ADD CONSTRAINT person_number_index_pkey PRIMARY KEY (key_id, digest);

ALTER TABLE ONLY authentication.person_number
    ADD CONSTRAINT person_number_pkey PRIMARY KEY (person_id, ordinal);

ALTER TABLE ONLY authentication.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);

ALTER TABLE ONLY authentication.person_session
    ADD CONSTRAINT person_session_cookie_key UNIQUE (cookie_hash);

ALTER TABLE ONLY authentication.person_session
    ADD CONSTRAINT person_session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY authentication."position"
    ADD CONSTRAINT position_pkey PRIMARY KEY (projection, source, partition);

ALTER TABLE ONLY authentication.right_period
    ADD CONSTRAINT right_period_pkey PRIMARY KEY (right_id);

ALTER TABLE ONLY authentication.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (component, version);

ALTER TABLE ONLY authentication.session_client
    ADD CONSTRAINT session_client_pkey PRIMARY KEY (session_id, client_id);

ALTER TABLE ONLY authentication.sign_in_transaction
    ADD CONSTRAINT sign_in_transaction_pkey PRIMARY KEY (id);

ALTER TABLE ONLY authentication.signing_key
    ADD CONSTRAINT signing_key_id_key UNIQUE (id);

ALTER TABLE ONLY authentication.signing_key
    ADD CONSTRAINT signing_key_pkey PRIMARY KEY (number);

ALTER TABLE ONLY authentication.throttle_bucket
    ADD CONSTRAINT throttle_bucket_pkey PRIMARY KEY (kind, digital_key, account, place);

ALTER TABLE ONLY authentication.token_basis
    ADD CONSTRAINT token_basis_pkey PRIMARY KEY (kind, id);

ALTER TABLE ONLY authentication.token_binding
    ADD CONSTRAINT token_binding_pkey PRIMARY KEY (hash, kind, id);

ALTER TABLE ONLY authentication.token_family
    ADD CONSTRAINT token_family_pkey PRIMARY KEY (id);

ALTER TABLE ONLY authentication.token
    ADD CONSTRAINT token_pkey PRIMARY KEY (hash);

CREATE INDEX account_app_secret_key_idx ON authentication.account USING btree (app_secret_key_id);

CREATE INDEX audit_record_actor ON authentication.audit_record USING btree (actor, at) WHERE (actor IS NOT NULL);

CREATE INDEX audit_record_dossier ON authentication.audit_record USING btree (dossier, at) WHERE (dossier IS NOT NULL);

CREATE INDEX audit_record_source ON authentication.audit_record USING btree (source, at) WHERE (source IS NOT NULL);

CREATE INDEX audit_record_user_name ON authentication.audit_record USING btree (user_name, at) WHERE (user_name IS NOT NULL);

CREATE INDEX authorization_code_session_idx ON authentication.authorization_code USING btree (session_id);

CREATE INDEX client_assertion_expires_idx ON authentication.client_assertion USING btree (expires_at);

CREATE INDEX device_browser_idx ON authentication.device USING btree (browser_hash);

CREATE INDEX device_last_success_idx ON authentication.device USING btree (last_success_at);

CREATE INDEX interaction_session_idx ON authentication.interaction USING btree (session_id);

CREATE INDEX interaction_transaction_idx ON authentication.interaction USING btree (transaction_id);

CREATE INDEX lease_owner ON authentication.lease USING btree (owner) WHERE (owner IS NOT NULL);

CREATE INDEX logout_delivery_due_idx ON authentication.logout_delivery USING btree (next_attempt_at);

CREATE INDEX outbox_correction ON authentication.outbox USING btree (source, type) WHERE (type ~ '[.](restated|voided)$'::text);

CREATE UNIQUE INDEX outbox_restoration_open ON authentication.outbox_restoration USING btree ((true)) WHERE (settled_at IS NULL);

CREATE INDEX outbox_told_partition ON authentication.outbox_told USING btree (source, partition, key);

CREATE INDEX parked_key ON authentication.parked USING btree (source, key);

CREATE UNIQUE INDEX person_number_current_key ON authentication.person_number USING btree (person_id) WHERE (replaced_at IS NULL);

CREATE INDEX person_number_key_idx ON authentication.person_number USING btree (key_id);

CREATE INDEX person_session_ended_idx ON authentication.person_session USING btree (ended_at) WHERE (ended_at IS NOT NULL);

CREATE INDEX person_session_live_idx ON authentication.person_session USING btree (last_used_at) WHERE (ended_at IS NULL);

CREATE INDEX person_session_person_idx ON authentication.person_session USING btree (person_id);

CREATE INDEX person_session_started_idx ON authentication.person_session USING btree (started_at) WHERE (ended_at IS NULL);

CREATE INDEX right_period_last_day_idx ON authentication.right_period USING btree (last_day);

CREATE INDEX sign_in_transaction_expires_idx ON authentication.sign_in_transaction USING btree (expires_at);

CREATE INDEX sign_in_transaction_session_idx ON authentication.sign_in_transaction USING btree (session_id);

CREATE INDEX throttle_bucket_account_idx ON authentication.throttle_bucket USING btree (account) WHERE (octet_length(account) > 0);

CREATE INDEX throttle_bucket_empty_idx ON authentication.throttle_bucket USING btree (empty_at);

CREATE INDEX token_basis_ended_at_idx ON authentication.token_basis USING btree (kind, ended_at) WHERE (ended_at IS NOT NULL);

CREATE INDEX token_binding_basis_idx ON authentication.token_binding USING btree (kind, id);

CREATE INDEX token_expires_at_idx ON authentication.token USING btree (expires_at);

CREATE INDEX token_family_idx ON authentication.token USING btree (family) WHERE (family IS NOT NULL);

CREATE TRIGGER audit_record_append_only BEFORE DELETE OR UPDATE ON authentication.audit_record FOR EACH ROW EXECUTE FUNCTION authentication.refuse_change();

CREATE TRIGGER audit_record_not_truncated BEFORE TRUNCATE ON authentication.audit_record FOR EACH STATEMENT EXECUTE FUNCTION authentication.refuse_change();

CREATE TRIGGER outbox_append_only BEFORE UPDATE ON authentication.outbox FOR EACH ROW EXECUTE FUNCTION authentication.refuse_change();

ALTER TABLE ONLY authentication.account
    ADD CONSTRAINT account_person_fkey FOREIGN KEY (person_id) REFERENCES authentication.person(id) ON DELETE CASCADE;

ALTER TABLE ONLY authentication.authorization_code
    ADD CONSTRAINT authorization_code_session_fkey FOREIGN KEY (session_id) REFERENCES authentication.person_session(id) ON DELETE CASCADE;

ALTER TABLE ONLY authentication.authorization_code
    ADD CONSTRAINT authorization_code_transaction_fkey FOREIGN KEY (transaction_id) REFERENCES authentication.sign_in_transaction(id) ON DELETE CASCADE;

ALTER TABLE ONLY authentication.device
    ADD CONSTRAINT device_account_fkey FOREIGN KEY (person_id) REFERENCES authentication.account(person_id) ON DELETE CASCADE;

ALTER TABLE ONLY authentication.interaction
    ADD CONSTRAINT interaction_session_fkey FOREIGN KEY (session_id) REFERENCES authentication.person_session(id) ON DELETE CASCADE;

ALTER TABLE ONLY authentication.interaction
    ADD CONSTRAINT interaction_transaction_fkey FOREIGN KEY (transaction_id) REFERENCES authentication.sign_in_transaction(id) ON DELETE CASCADE;

ALTER TABLE ONLY authentication.outbox_relay
    ADD CONSTRAINT outbox_relay_source_partition_fkey FOREIGN KEY (source, partition) REFERENCES authentication.outbox_head(source, partition);

ALTER TABLE ONLY authentication.parked
    ADD CONSTRAINT parked_projection_source_partition_fkey FOREIGN KEY (projection, source, partition) REFERENCES authentication."position"(projection, source, partition);

ALTER TABLE ONLY authentication.person_name
    ADD CONSTRAINT person_name_person_fkey FOREIGN KEY (person_id) REFERENCES authentication.person(id) ON DELETE CASCADE;

ALTER TABLE ONLY authentication.person_number_index
    ADD CONSTRAINT person_number_index_number_fkey FOREIGN KEY (person_id, ordinal) REFERENCES authentication.person_number(person_id, ordinal) ON DELETE CASCADE;

ALTER TABLE ONLY authentication.person_number
    ADD CONSTRAINT person_number_person_fkey FOREIGN KEY (person_id) REFERENCES authentication.person(id) ON DELETE CASCADE;

ALTER TABLE ONLY authentication.person_session
    ADD CONSTRAINT person_session_person_fkey FOREIGN KEY (person_id) REFERENCES authentication.person(id) ON DELETE CASCADE;

ALTER TABLE ONLY authentication.session_client
    ADD CONSTRAINT session_client_session_fkey FOREIGN KEY (session_id) REFERENCES authentication.person_session(id) ON DELETE CASCADE;

ALTER TABLE ONLY authentication.sign_in_transaction
    ADD CONSTRAINT sign_in_transaction_session_fkey FOREIGN KEY (session_id) REFERENCES authentication.person_session(id) ON DELETE CASCADE;

ALTER TABLE ONLY authentication.token_binding
    ADD CONSTRAINT token_binding_basis_fkey FOREIGN KEY (kind, id) REFERENCES authentication.token_basis(kind, id);

ALTER TABLE ONLY authentication.token_binding
    ADD CONSTRAINT token_binding_token_fkey FOREIGN KEY (hash) REFERENCES authentication.token(hash) ON DELETE CASCADE;

ALTER TABLE ONLY authentication.token
    ADD CONSTRAINT token_family_fkey FOREIGN KEY (family) REFERENCES authentication.token_family(id);

GRANT USAGE ON SCHEMA authentication TO authentication_app;

REVOKE ALL ON FUNCTION authentication.refuse_change() FROM PUBLIC;
GRANT ALL ON FUNCTION authentication.refuse_change() TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.account TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.audit_record TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.authorization_code TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.client_assertion TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.device TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.erased_person TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.interaction TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.lease TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.lease_member TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.logout_delivery TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.organisation_fact TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.outbox TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.outbox_adopted TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.outbox_head TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.outbox_relay TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.outbox_restoration TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.outbox_told TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.parked TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.person TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.person_name TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.person_number TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.person_number_index TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.person_session TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication."position" TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.right_period TO authentication_app;

GRANT SELECT ON TABLE authentication.schema_migration TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.session_client TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.sign_in_transaction TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.signing_key TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.throttle_bucket TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.token TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.token_basis TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.token_binding TO authentication_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE authentication.token_family TO authentication_app;

ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner IN SCHEMA authentication GRANT SELECT,USAGE ON SEQUENCES  TO authentication_app;

ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner IN SCHEMA authentication GRANT ALL ON FUNCTIONS  TO authentication_app;

ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner IN SCHEMA authentication GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO authentication_app;
