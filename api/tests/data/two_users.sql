-- Alice has all that the screens show, with the hard cases; Bob has a little, and two rows that name Alice's things.
-- What must never reach Bob says "Alice".

INSERT INTO "User" (id, email, password, "createdAt") VALUES
    ('alice', 'alice@example.com', '!', '2025-01-01 08:00:00'),
    ('bob', 'bob@example.com', '!', '2025-01-02 08:00:00');

INSERT INTO "Token" (id, symbol, name, "cmcId", "logoUrl") VALUES
    ('t-btc', 'BTC', 'Bitcoin', 1, 'https://example.com/btc.png'),
    ('t-ada', 'ADA', 'Cardano', 2010, NULL),
    ('t-eth', 'ETH', 'Ethereum', 1027, NULL);

INSERT INTO "Portfolio" (id, "userId", name, description, "isDefault", "createdAt", "updatedAt") VALUES
    ('a-old', 'alice', 'Alice''s oldest', NULL, false, '2025-01-03 10:00:00', '2025-01-03 10:00:00'),
    ('a-main', 'alice', 'Alice''s main', 'What Alice keeps', true, '2025-01-04 10:00:00.5', '2025-02-01 00:00:00.123'),
    ('a-new', 'alice', 'Alice''s newest', NULL, false, '2025-01-05 10:00:00', '2025-01-05 10:00:00'),
    ('b-main', 'bob', 'Of Bob', NULL, true, '2025-01-06 10:00:00', '2025-01-06 10:00:00');

-- ADA: 38 digits. BTC: no current price. ETH: nothing was invested.
INSERT INTO "Holding"
    (id, "portfolioId", "tokenId", quantity, "investedAmount", "averagePrice", "currentPrice", "lastUpdated") VALUES
    ('h-eth', 'a-main', 't-eth', 1.5, 0, 0, 3000.25, '2025-02-02 00:00:00'),
    ('h-ada', 'a-main', 't-ada', 12345678901234567890.123456789012345678, 0.000000000000000001, 1, 2, '2025-02-02 00:00:00'),
    ('h-btc', 'a-old', 't-btc', 0.1, 3000, 30000, NULL, '2025-02-02 00:00:00'),
    ('h-bob', 'b-main', 't-eth', 2, 100, 50, 25, '2025-02-02 00:00:00');

INSERT INTO "UserStrategy" (id, "userId", "portfolioId", name, description, status, "createdAt", "updatedAt") VALUES
    ('s-1', 'alice', 'a-main', 'Alice''s exit', 'Slowly', 'active', '2025-01-10 00:00:00', '2025-01-11 00:00:00'),
    ('s-2', 'alice', 'a-old', 'Alice''s draft', NULL, 'draft', '2025-01-12 00:00:00', '2025-01-12 00:00:00'),
    ('s-bob', 'bob', 'b-main', 'Of Bob', NULL, 'paused', '2025-01-12 00:00:00', '2025-01-12 00:00:00'),
    ('s-astray', 'bob', 'a-main', 'Names the other''s portfolio', NULL, 'paused', '2025-01-13 00:00:00', '2025-01-13 00:00:00');

INSERT INTO "TokenStrategyConfiguration" (id, "userStrategyId", "holdingId", "updatedAt") VALUES
    ('c-1', 's-1', 'h-eth', '2025-01-10 00:00:00'),
    ('c-2', 's-1', 'h-ada', '2025-01-10 00:00:00');

INSERT INTO "TheoreticalStrategy"
    (id, "userId", name, "tokenSymbol", "tokenName", quantity, "averagePrice", "profitTargets", "updatedAt") VALUES
    ('th-1', 'alice', 'Alice''s theory', 'ADA', 'Cardano', 10, 100,
     '[{"order": 1, "targetType": "percentage", "targetValue": 50, "sellPercentage": 50},
       {"order": 2, "targetType": "price", "targetValue": 200, "sellPercentage": 10}]', '2025-01-14 00:00:00');

INSERT INTO "Strategy" (id, "userId", name, asset, "baseQty", "refPrice", "createdAt", "updatedAt") VALUES
    ('st-1', 'alice', 'Alice''s ladder', 'BTC', 2, 100, '2025-01-15 00:00:00', '2025-01-15 00:00:00');

INSERT INTO "StrategyStep" (id, "strategyId", "targetType", "targetPct", "sellPct", "targetPrice", "updatedAt") VALUES
    ('step-1', 'st-1', 'percentage_of_average', 50, 40, 150, '2025-01-15 00:00:00'),
    ('step-2', 'st-1', 'exact_price', 200, 50, 300, '2025-01-15 00:00:00');

INSERT INTO "Transaction" (id, "userId", symbol, name, "cmcId", quantity, "amountInvested", "averagePrice", type,
                           "transactionDate", notes, "portfolioId", "updatedAt") VALUES
    ('x-1', 'alice', 'BTC', 'Bitcoin', 1, 0.1, 3000, 30000, 'BUY', '2025-01-03 12:00:00', 'Alice''s first', 'a-old',
     '2025-01-03 12:00:00');

INSERT INTO "StrategyTemplate" (id, name, type, "isDefault", "updatedAt") VALUES
    ('template', 'Percentages', 'percentage', true, '2025-01-01');
INSERT INTO "ProfitTakingTemplate" (id, name, rules, "isDefault", "updatedAt") VALUES
    ('rules', 'Half at double', '[{"gain": 100, "sell": 50}]', true, '2025-01-01');

-- The second one is how older clients stored a summary: JSON in a JSON string. Its portfolio is gone.
INSERT INTO "Forecast" (id, "userId", "portfolioId", name, "appliedStrategies", summary, notes, "createdAt", "updatedAt") VALUES
    ('f-1', 'alice', 'a-main', 'Alice''s forecast', '{"h-ada": "none", "h-eth": "s-9"}',
     '{"totalInvested": 3000.000000000000000001, "totalCollected": 4500, "totalProfit": 1500, "returnPercentage": 50,
       "remainingTokensValue": 0.1, "tokenCount": 1}', 'Alice''s notes', '2025-01-20 00:00:00', '2025-01-20 00:00:00'),
    ('f-2', 'alice', 'a-gone', 'Alice''s older', '{}', '"{\"totalInvested\": \"7.50\"}"', NULL,
     '2025-01-19 00:00:00', '2025-01-19 00:00:00'),
    ('f-bob', 'bob', 'a-main', 'Names the other''s portfolio', '{}', '{}', NULL, '2025-01-20 00:00:00', '2025-01-20 00:00:00');
