"""PostgreSQL with row-level security under the ORM: the backend's guard, the policies' migration operations, the router."""
