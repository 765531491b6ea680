#!/bin/sh
# The image of PostgreSQL runs this once, on an empty volume: the registry's user, who owns its own database and nothing else.
set -eu
psql --username postgres --no-psqlrc --set ON_ERROR_STOP=1 --set password="$MAHILO_PASSWORD" <<'SQL'
create role mahilo login password :'password';
create database mahilo owner mahilo encoding 'UTF8' template template0;
SQL
