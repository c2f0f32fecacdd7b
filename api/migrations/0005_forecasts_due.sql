-- Users whose forecasts are to be computed anew: marked with what makes it so, taken away with the computation. No
-- reference to "User": whoever deletes a user need not know of this table, and a mark of nobody is worked off like
-- any other.

CREATE TABLE IF NOT EXISTS "ForecastDue" (
    "userId" text NOT NULL,
    "isWritten" boolean NOT NULL,
    "since" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "ForecastDue_pkey" PRIMARY KEY ("userId")
);

CREATE INDEX IF NOT EXISTS "ForecastDue_isWritten_since_idx" ON "ForecastDue" ("isWritten", "since");
