-- Roles, schemas and rights of the suite. Run by psql as a superuser, in the suite's own database:
--
--     psql -d toegang -v toegang_owner_password=… -v authentication_app_password=… … -f roles.sql
--
-- It can be run again at any time. A password is set only for the roles whose variable is given.
--
-- Who may do what:
--   toegang_owner   owns the schemas and whatever is in them; only the services' `migrate` command signs in as it
--   <schema>_app    reads and writes the rows of its own schema, and nothing else: no other schema, no DDL, no
--                   temporary tables, no other database of this server
--
-- A migration that creates a table whose rows must never change takes the service's right away again:
--
--     DO $$ BEGIN
--         EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit_record FROM %I', current_schema() || '_app');
--     END $$;

\set ON_ERROR_STOP on
-- One message per run at most: "exists already" is what a second run is about.
SET client_min_messages = warning;

-- Roles belong to the server, so another database of it may have created them already.
SELECT format('CREATE ROLE %I LOGIN', role.name)
FROM (VALUES ('toegang_owner'), ('authentication_app'), ('profile_resolution_app'), ('mandate_registry_app'),
             ('organisation_rights_app'), ('portal_app')) AS role (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role.name)
\gexec

SELECT format('ALTER ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT', role.name)
FROM (VALUES ('toegang_owner'), ('authentication_app'), ('profile_resolution_app'), ('mandate_registry_app'),
             ('organisation_rights_app'), ('portal_app')) AS role (name)
\gexec

-- What a service asks for in each connection, for whoever else signs in as its role: no statement or transaction is
-- left open for long.
SELECT format('ALTER ROLE %I SET %s = %L', role.name, setting.name, setting.value)
FROM (VALUES ('authentication_app'), ('profile_resolution_app'), ('mandate_registry_app'),
             ('organisation_rights_app'), ('portal_app')) AS role (name),
     (VALUES ('statement_timeout', '30s'), ('lock_timeout', '5s'), ('idle_in_transaction_session_timeout', '30s'))
         AS setting (name, value)
\gexec

\if :{?toegang_owner_password}
ALTER ROLE toegang_owner PASSWORD :'toegang_owner_password';
\endif
\if :{?authentication_app_password}
ALTER ROLE authentication_app PASSWORD :'authentication_app_password';
\endif
\if :{?profile_resolution_app_password}
ALTER ROLE profile_resolution_app PASSWORD :'profile_resolution_app_password';
\endif
\if :{?mandate_registry_app_password}
ALTER ROLE mandate_registry_app PASSWORD :'mandate_registry_app_password';
\endif
\if :{?organisation_rights_app_password}
ALTER ROLE organisation_rights_app PASSWORD :'organisation_rights_app_password';
\endif
\if :{?portal_app_password}
ALTER ROLE portal_app PASSWORD :'portal_app_password';
\endif

-- Nobody enters a database of this server by default.
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database())
\gexec
SELECT format(
    'GRANT CONNECT ON DATABASE %I TO toegang_owner, authentication_app, profile_resolution_app, '
    'mandate_registry_app, organisation_rights_app, portal_app', current_database())
\gexec

-- Schema public holds the extensions, and nothing of ours.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO
    toegang_owner, authentication_app, profile_resolution_app, mandate_registry_app, organisation_rights_app, portal_app;
CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;

-- One schema per service. What the owner creates there later, the service's role may read and write.
SELECT format(statement, schema.name, schema.name || '_app')
FROM (VALUES ('authentication'), ('profile_resolution'), ('mandate_registry'), ('organisation_rights'), ('portal'))
         AS schema (name),
     (VALUES
         (1, 'CREATE SCHEMA IF NOT EXISTS %1$I AUTHORIZATION toegang_owner'),
         (2, 'REVOKE ALL ON SCHEMA %1$I FROM PUBLIC'),
         (3, 'GRANT USAGE ON SCHEMA %1$I TO %2$I'),
         (4, 'ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner IN SCHEMA %1$I '
             'GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %2$I'),
         (5, 'ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner IN SCHEMA %1$I '
             'GRANT USAGE, SELECT ON SEQUENCES TO %2$I'),
         (6, 'ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner IN SCHEMA %1$I '
             'GRANT EXECUTE ON FUNCTIONS TO %2$I'))
         AS step (number, statement)
ORDER BY schema.name, step.number
\gexec
ALTER DEFAULT PRIVILEGES FOR ROLE toegang_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
