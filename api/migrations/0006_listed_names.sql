-- What the price source calls a token. "Token" holds what whoever named it first called it, and no more than that is
-- known of a token that has no price.

ALTER TABLE "TokenPrice" ADD COLUMN IF NOT EXISTS "name" text;
