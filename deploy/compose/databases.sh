#!/bin/sh
# Runs once, when the database container starts with an empty volume: roles, passwords, both databases and their rights.
set -eu
: "${PLATFORM_PASSWORD:?}"

run() { psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" "$@"; }

run --dbname postgres --file /deploy/roles.sql
for role in platform_owner platform_app platform_privacy platform_backup platform_keys; do
    # A variable of psql and not of the shell: it is quoted as a literal whatever it contains.
    echo "ALTER ROLE $role PASSWORD :'password';" | run --dbname postgres --set password="$PLATFORM_PASSWORD"
done
run --dbname postgres --command "CREATE DATABASE platform OWNER platform_owner"
run --dbname postgres --command "CREATE DATABASE keystore OWNER platform_keys"
run --dbname platform --file /deploy/platform.sql
run --dbname keystore --file /deploy/keystore.sql
