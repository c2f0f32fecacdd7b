-- One price per token. The existing database keeps a price with every holding: users times tokens writes a minute.

CREATE TABLE IF NOT EXISTS "TokenPrice" (
    "tokenId" text NOT NULL,
    "price" numeric(38, 18) NOT NULL,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "TokenPrice_pkey" PRIMARY KEY ("tokenId"),
    CONSTRAINT "TokenPrice_tokenId_fkey" FOREIGN KEY ("tokenId") REFERENCES "Token" ("id") ON DELETE CASCADE
);
