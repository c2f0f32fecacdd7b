-- The price that the forecasts were last computed with.

ALTER TABLE "TokenPrice" ADD COLUMN IF NOT EXISTS "forecastPrice" numeric(38, 18);
