#!/bin/sh
# Runs once, when the database is new and roles.sql has made the roles: gives them the passwords of the environment.
psql -v ON_ERROR_STOP=1 -U postgres -v app="$APP_PASSWORD" -v owner="$OWNER_PASSWORD" <<'SQL'
ALTER ROLE septet_app PASSWORD :'app';
ALTER ROLE septet_owner PASSWORD :'owner';
SQL
