-- A database as the existing application made it: some tables, one status as an enum, a table that we do not know.

CREATE TYPE "StrategyStatus" AS ENUM ('draft', 'active', 'paused', 'completed');

CREATE TABLE "User" (
    "id" TEXT NOT NULL, "email" TEXT NOT NULL, "password" TEXT NOT NULL, "firstName" TEXT, "lastName" TEXT,
    "emailVerified" BOOLEAN NOT NULL DEFAULT false, "emailVerificationToken" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");

CREATE TABLE "ExchangeAccount" (
    "id" TEXT NOT NULL, "userId" TEXT NOT NULL REFERENCES "User"("id"), "exchange" TEXT NOT NULL,
    CONSTRAINT "ExchangeAccount_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Token" (
    "id" TEXT NOT NULL, "symbol" TEXT NOT NULL, "name" TEXT NOT NULL, "cmcId" INTEGER, "logoUrl" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "Token_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "Token_symbol_key" ON "Token"("symbol");

CREATE TABLE "Portfolio" (
    "id" TEXT NOT NULL, "userId" TEXT NOT NULL REFERENCES "User"("id"), "name" TEXT NOT NULL, "description" TEXT,
    "isDefault" BOOLEAN NOT NULL DEFAULT false, "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "Portfolio_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "Portfolio_userId_idx" ON "Portfolio"("userId");

CREATE TABLE "Holding" (
    "id" TEXT NOT NULL, "portfolioId" TEXT NOT NULL REFERENCES "Portfolio"("id") ON DELETE CASCADE,
    "tokenId" TEXT NOT NULL REFERENCES "Token"("id"),
    "quantity" DECIMAL(38,18) NOT NULL, "investedAmount" DECIMAL(38,18) NOT NULL, "averagePrice" DECIMAL(38,18) NOT NULL,
    "currentPrice" DECIMAL(38,18), "lastUpdated" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "Holding_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "Holding_portfolioId_tokenId_key" ON "Holding"("portfolioId", "tokenId");

CREATE TABLE "Strategy" (
    "id" TEXT NOT NULL, "userId" TEXT NOT NULL REFERENCES "User"("id"), "name" TEXT NOT NULL, "asset" TEXT NOT NULL,
    "baseQty" DECIMAL(38,18) NOT NULL, "refPrice" DECIMAL(38,18) NOT NULL, "status" TEXT NOT NULL DEFAULT 'active',
    "notes" TEXT, "exchangeAccountId" TEXT, "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "Strategy_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "UserStrategy" (
    "id" TEXT NOT NULL, "userId" TEXT NOT NULL REFERENCES "User"("id"),
    "portfolioId" TEXT NOT NULL REFERENCES "Portfolio"("id"), "name" TEXT NOT NULL, "description" TEXT,
    "status" "StrategyStatus" NOT NULL DEFAULT 'draft', "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "UserStrategy_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Forecast" (
    "id" TEXT NOT NULL, "userId" TEXT NOT NULL REFERENCES "User"("id"), "portfolioId" TEXT NOT NULL, "name" TEXT NOT NULL,
    "appliedStrategies" JSONB NOT NULL, "summary" JSONB NOT NULL, "notes" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "Forecast_pkey" PRIMARY KEY ("id")
);

INSERT INTO "User" VALUES ('clx0user', 'u@example.com', 'hash', 'U', NULL, true, NULL, '2025-01-01 00:00:00.123');
INSERT INTO "ExchangeAccount" VALUES ('clx0exchange', 'clx0user', 'binance');
INSERT INTO "Token" VALUES ('clx0token', 'BTC', 'Bitcoin', 1, NULL, '2025-01-01 00:00:00');
INSERT INTO "Portfolio" VALUES ('clx0portfolio', 'clx0user', 'Main', NULL, true, '2025-01-01 00:00:00', '2025-01-01 00:00:00');
INSERT INTO "Holding" VALUES
    ('clx0holding', 'clx0portfolio', 'clx0token', 99999999999999999999.999999999999999999, 1, 1, NULL, '2025-01-01 00:00:00');
INSERT INTO "UserStrategy" VALUES
    ('clx0strategy', 'clx0user', 'clx0portfolio', 'Exit', NULL, 'active', '2025-01-01 00:00:00', '2025-01-01 00:00:00');
INSERT INTO "Forecast" VALUES
    ('clx0forecast', 'clx0user', 'clx0portfolio', 'Bull', '{}', '{"totalInvested": 1}', NULL, '2025-01-01 00:00:00', '2025-01-01 00:00:00');
