-- The existing database's indexes, by its own names, for databases that the first migration created.

CREATE UNIQUE INDEX IF NOT EXISTS "User_email_key" ON "User" ("email");
CREATE UNIQUE INDEX IF NOT EXISTS "Token_symbol_key" ON "Token" ("symbol");
CREATE INDEX IF NOT EXISTS "Portfolio_userId_idx" ON "Portfolio" ("userId");
CREATE UNIQUE INDEX IF NOT EXISTS "Holding_portfolioId_tokenId_key" ON "Holding" ("portfolioId", "tokenId");
CREATE INDEX IF NOT EXISTS "Holding_portfolioId_idx" ON "Holding" ("portfolioId");
CREATE INDEX IF NOT EXISTS "Holding_tokenId_idx" ON "Holding" ("tokenId");
CREATE INDEX IF NOT EXISTS "Transaction_userId_symbol_idx" ON "Transaction" ("userId", "symbol");
CREATE INDEX IF NOT EXISTS "Transaction_userId_transactionDate_idx" ON "Transaction" ("userId", "transactionDate");
CREATE INDEX IF NOT EXISTS "Transaction_userId_type_idx" ON "Transaction" ("userId", "type");
CREATE INDEX IF NOT EXISTS "Transaction_portfolioId_idx" ON "Transaction" ("portfolioId");
CREATE INDEX IF NOT EXISTS "StrategyStep_strategyId_targetPrice_idx" ON "StrategyStep" ("strategyId", "targetPrice");
CREATE INDEX IF NOT EXISTS "UserStrategy_userId_idx" ON "UserStrategy" ("userId");
CREATE INDEX IF NOT EXISTS "UserStrategy_portfolioId_idx" ON "UserStrategy" ("portfolioId");
CREATE UNIQUE INDEX IF NOT EXISTS "TokenStrategyConfiguration_userStrategyId_holdingId_key"
    ON "TokenStrategyConfiguration" ("userStrategyId", "holdingId");
CREATE INDEX IF NOT EXISTS "TheoreticalStrategy_userId_idx" ON "TheoreticalStrategy" ("userId");
CREATE INDEX IF NOT EXISTS "Forecast_userId_idx" ON "Forecast" ("userId");

-- What the existing database lacks: a user's list, newest first, straight from an index.

CREATE INDEX IF NOT EXISTS "Portfolio_userId_createdAt_idx" ON "Portfolio" ("userId", "createdAt" DESC);
CREATE INDEX IF NOT EXISTS "UserStrategy_userId_createdAt_idx" ON "UserStrategy" ("userId", "createdAt" DESC);
CREATE INDEX IF NOT EXISTS "Forecast_userId_createdAt_idx" ON "Forecast" ("userId", "createdAt" DESC);
CREATE INDEX IF NOT EXISTS "Strategy_userId_createdAt_idx" ON "Strategy" ("userId", "createdAt" DESC);
CREATE INDEX IF NOT EXISTS "TheoreticalStrategy_userId_createdAt_idx" ON "TheoreticalStrategy" ("userId", "createdAt" DESC);
CREATE INDEX IF NOT EXISTS "Token_cmcId_idx" ON "Token" ("cmcId");
