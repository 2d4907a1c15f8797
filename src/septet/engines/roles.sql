-- The two roles and the database of Septet. Safe to run again; run it once with psql as a superuser:
--   psql -d postgres -f roles.sql
-- On a remote server give both roles a password afterwards: \password septet_owner, \password septet_app
--
-- septet_owner  owns the database and everything in it, runs the migrations; row-level security is forced on it too.
-- septet_app    owns nothing and creates nothing; reads and writes rows under row-level security.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

SELECT 'CREATE ROLE septet_owner' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'septet_owner') \gexec
SELECT 'CREATE ROLE septet_app' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'septet_app') \gexec
ALTER ROLE septet_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION;
ALTER ROLE septet_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION;

SELECT 'CREATE DATABASE septet OWNER septet_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'septet') \gexec

REVOKE ALL ON DATABASE septet FROM PUBLIC;
GRANT CONNECT ON DATABASE septet TO septet_app;

\connect septet
SET client_min_messages = warning;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE septet_owner GRANT USAGE ON SCHEMAS TO septet_app;
ALTER DEFAULT PRIVILEGES FOR ROLE septet_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO septet_app;
ALTER DEFAULT PRIVILEGES FOR ROLE septet_owner GRANT USAGE, SELECT ON SEQUENCES TO septet_app;
ALTER DEFAULT PRIVILEGES FOR ROLE septet_owner GRANT EXECUTE ON FUNCTIONS TO septet_app;
