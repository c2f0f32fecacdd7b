-- ExStrat's tables, named as its database has named them so far. Each is created only where it is absent,
-- so that an existing database is taken over as it stands.
--
-- States and types are text, as in the existing database; new databases also check them.

CREATE TABLE IF NOT EXISTS "User" (
    "id" text NOT NULL,
    "email" text NOT NULL,
    "password" text NOT NULL,
    "firstName" text,
    "lastName" text,
    "emailVerified" boolean NOT NULL DEFAULT false,
    "emailVerificationToken" text,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

CREATE TABLE IF NOT EXISTS "Token" (
    "id" text NOT NULL,
    "symbol" text NOT NULL,
    "name" text NOT NULL,
    "cmcId" integer,
    "logoUrl" text,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "Token_pkey" PRIMARY KEY ("id")
);

CREATE TABLE IF NOT EXISTS "Portfolio" (
    "id" text NOT NULL,
    "userId" text NOT NULL,
    "name" text NOT NULL,
    "description" text,
    "isDefault" boolean NOT NULL DEFAULT false,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "Portfolio_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "Portfolio_userId_fkey" FOREIGN KEY ("userId")
        REFERENCES "User" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE IF NOT EXISTS "Holding" (
    "id" text NOT NULL,
    "portfolioId" text NOT NULL,
    "tokenId" text NOT NULL,
    "quantity" numeric(38, 18) NOT NULL,
    "investedAmount" numeric(38, 18) NOT NULL,
    "averagePrice" numeric(38, 18) NOT NULL,
    "currentPrice" numeric(38, 18),
    "lastUpdated" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "Holding_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "Holding_portfolioId_fkey" FOREIGN KEY ("portfolioId")
        REFERENCES "Portfolio" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Holding_tokenId_fkey" FOREIGN KEY ("tokenId")
        REFERENCES "Token" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE IF NOT EXISTS "Transaction" (
    "id" text NOT NULL,
    "userId" text NOT NULL,
    "symbol" text NOT NULL,
    "name" text NOT NULL,
    "cmcId" integer NOT NULL,
    "quantity" numeric(38, 18) NOT NULL,
    "amountInvested" numeric(38, 18) NOT NULL,
    "averagePrice" numeric(38, 18) NOT NULL,
    "type" text NOT NULL
        CHECK ("type" IN ('BUY', 'SELL', 'TRANSFER_IN', 'TRANSFER_OUT', 'STAKING', 'REWARD')),
    "transactionDate" timestamp(3) NOT NULL,
    "notes" text,
    "exchangeId" text,
    "portfolioId" text,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "Transaction_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "Transaction_userId_fkey" FOREIGN KEY ("userId")
        REFERENCES "User" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "Transaction_portfolioId_fkey" FOREIGN KEY ("portfolioId")
        REFERENCES "Portfolio" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE TABLE IF NOT EXISTS "Strategy" (
    "id" text NOT NULL,
    "userId" text NOT NULL,
    "name" text NOT NULL,
    "asset" text NOT NULL,
    "baseQty" numeric(38, 18) NOT NULL,
    "refPrice" numeric(38, 18) NOT NULL,
    "status" text NOT NULL DEFAULT 'active' CHECK ("status" IN ('active', 'paused', 'completed')),
    "notes" text,
    "exchangeAccountId" text,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "Strategy_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "Strategy_userId_fkey" FOREIGN KEY ("userId")
        REFERENCES "User" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE IF NOT EXISTS "StrategyStep" (
    "id" text NOT NULL,
    "strategyId" text NOT NULL,
    "targetType" text NOT NULL DEFAULT 'percentage_of_average'
        CHECK ("targetType" IN ('percentage_of_average', 'exact_price')),
    "targetPct" numeric(10, 4) NOT NULL,
    "sellPct" numeric(10, 4) NOT NULL,
    "targetPrice" numeric(38, 18) NOT NULL,
    "state" text NOT NULL DEFAULT 'pending' CHECK ("state" IN ('pending', 'triggered', 'done')),
    "notes" text,
    "triggeredAt" timestamp(3),
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "StrategyStep_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "StrategyStep_strategyId_fkey" FOREIGN KEY ("strategyId")
        REFERENCES "Strategy" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE IF NOT EXISTS "UserStrategy" (
    "id" text NOT NULL,
    "userId" text NOT NULL,
    "portfolioId" text NOT NULL,
    "name" text NOT NULL,
    "description" text,
    "status" text NOT NULL DEFAULT 'draft' CHECK ("status" IN ('draft', 'active', 'paused', 'completed')),
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "UserStrategy_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "UserStrategy_userId_fkey" FOREIGN KEY ("userId")
        REFERENCES "User" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "UserStrategy_portfolioId_fkey" FOREIGN KEY ("portfolioId")
        REFERENCES "Portfolio" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE IF NOT EXISTS "StrategyTemplate" (
    "id" text NOT NULL,
    "name" text NOT NULL,
    "description" text,
    "type" text NOT NULL CHECK ("type" IN ('no_tp', 'percentage', 'dca', 'custom')),
    "isDefault" boolean NOT NULL DEFAULT false,
    "isActive" boolean NOT NULL DEFAULT true,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "StrategyTemplate_pkey" PRIMARY KEY ("id")
);

CREATE TABLE IF NOT EXISTS "ProfitTakingTemplate" (
    "id" text NOT NULL,
    "name" text NOT NULL,
    "description" text,
    "rules" jsonb NOT NULL,
    "isDefault" boolean NOT NULL DEFAULT false,
    "isActive" boolean NOT NULL DEFAULT true,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "ProfitTakingTemplate_pkey" PRIMARY KEY ("id")
);

CREATE TABLE IF NOT EXISTS "TokenStrategyConfiguration" (
    "id" text NOT NULL,
    "userStrategyId" text NOT NULL,
    "holdingId" text NOT NULL,
    "strategyTemplateId" text,
    "profitTakingTemplateId" text,
    "customProfitTakingRules" jsonb,
    "isActive" boolean NOT NULL DEFAULT true,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "TokenStrategyConfiguration_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "TokenStrategyConfiguration_userStrategyId_fkey" FOREIGN KEY ("userStrategyId")
        REFERENCES "UserStrategy" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "TokenStrategyConfiguration_holdingId_fkey" FOREIGN KEY ("holdingId")
        REFERENCES "Holding" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "TokenStrategyConfiguration_strategyTemplateId_fkey" FOREIGN KEY ("strategyTemplateId")
        REFERENCES "StrategyTemplate" ("id") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "TokenStrategyConfiguration_profitTakingTemplateId_fkey" FOREIGN KEY ("profitTakingTemplateId")
        REFERENCES "ProfitTakingTemplate" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE TABLE IF NOT EXISTS "TheoreticalStrategy" (
    "id" text NOT NULL,
    "userId" text NOT NULL,
    "name" text NOT NULL,
    "description" text,
    "tokenSymbol" text NOT NULL,
    "tokenName" text NOT NULL,
    "quantity" numeric(38, 18) NOT NULL,
    "averagePrice" numeric(38, 18) NOT NULL,
    "profitTargets" jsonb NOT NULL,
    "status" text NOT NULL DEFAULT 'active',
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "TheoreticalStrategy_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "TheoreticalStrategy_userId_fkey" FOREIGN KEY ("userId")
        REFERENCES "User" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- A forecast outlives its portfolio: portfolioId has no foreign key.
CREATE TABLE IF NOT EXISTS "Forecast" (
    "id" text NOT NULL,
    "userId" text NOT NULL,
    "portfolioId" text NOT NULL,
    "name" text NOT NULL,
    "appliedStrategies" jsonb NOT NULL,
    "summary" jsonb NOT NULL,
    "notes" text,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "Forecast_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "Forecast_userId_fkey" FOREIGN KEY ("userId")
        REFERENCES "User" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
