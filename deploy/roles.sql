-- The login roles of the platform. Run once per server by somebody who may create roles; running it again changes nothing.
-- Passwords are set separately. What each role may do inside a database is in platform.sql and keystore.sql.
--
--   platform_owner    migrates; owns the tables of the platform
--   platform_app      web and workers; owns nothing, sees one workspace at a time
--   platform_privacy  purges and access requests
--   platform_backup   reads for backups
--   platform_keys     owns the keystore, which holds the wrapped data keys and nothing else

DO $$
DECLARE
    role_name text;
    present pg_roles;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['platform_owner', 'platform_app', 'platform_privacy', 'platform_backup', 'platform_keys'] LOOP
        SELECT * INTO present FROM pg_roles WHERE rolname = role_name;
        IF NOT FOUND THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION', role_name);
        ELSIF present.rolsuper OR present.rolbypassrls OR present.rolcreatedb OR present.rolcreaterole OR present.rolreplication THEN
            -- Said rather than repaired: such a role was able to read past row-level security until now.
            RAISE EXCEPTION 'role % has rights that it must not have (superuser, bypassrls, createdb, createrole or replication)', role_name;
        END IF;
    END LOOP;
END
$$;
