-- Rights inside the keystore. Run in that database by its owner or a superuser; running it again changes nothing.
-- No role of the platform's own database can reach it, the one for backups included: a wrapped key inside the same backup as the
-- data it seals would make destroying the key worthless.

DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO platform_keys', current_database());
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO platform_keys;
