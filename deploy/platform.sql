-- Rights inside the platform's database. Run in that database by its owner or a superuser; running it again changes nothing.
-- Rights on tables are granted by the migrations that create them.

DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO platform_owner, platform_backup', current_database());
    -- Bulk loads go through a temporary table: COPY into a table with row-level security is not available.
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO platform_app, platform_privacy', current_database());
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO platform_owner;
GRANT USAGE ON SCHEMA public TO platform_app, platform_privacy, platform_backup;
