-- Addresses are compared without case. Not unique: an existing database may hold two that differ in case only.

CREATE INDEX IF NOT EXISTS "User_lower_email_idx" ON "User" (lower("email"));
