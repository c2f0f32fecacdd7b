//! What seeded users hold and how they name things.

/// A token that the users share.
pub(crate) struct CatalogueToken {
    pub(crate) symbol: &'static str,
    pub(crate) name: &'static str,
    /// `CoinMarketCap`'s id.
    pub(crate) cmc_id: i32,
    /// A price of the right order of magnitude, in hundredths of a cent.
    pub(crate) price_e4: u64,
}

const fn token(symbol: &'static str, name: &'static str, cmc_id: i32, price_e4: u64) -> CatalogueToken {
    CatalogueToken { symbol, name, cmc_id, price_e4 }
}

pub(crate) const TOKENS: [CatalogueToken; 20] = [
    token("BTC", "Bitcoin", 1, 952_340_000),
    token("ETH", "Ethereum", 1027, 34_120_000),
    token("SOL", "Solana", 5426, 1_984_500),
    token("BNB", "BNB", 1839, 6_521_300),
    token("XRP", "XRP", 52, 23_410),
    token("ADA", "Cardano", 2010, 9_120),
    token("DOGE", "Dogecoin", 74, 3_270),
    token("AVAX", "Avalanche", 5805, 371_800),
    token("DOT", "Polkadot", 6636, 72_900),
    token("LINK", "Chainlink", 1975, 213_600),
    token("POL", "Polygon", 28321, 4_810),
    token("LTC", "Litecoin", 2, 1_041_200),
    token("UNI", "Uniswap", 7083, 132_700),
    token("ATOM", "Cosmos", 3794, 68_300),
    token("XLM", "Stellar", 512, 3_690),
    token("NEAR", "NEAR Protocol", 6535, 52_400),
    token("APT", "Aptos", 21794, 91_500),
    token("ARB", "Arbitrum", 11841, 7_430),
    token("OP", "Optimism", 11840, 18_200),
    token("AAVE", "Aave", 7278, 3_084_000),
];

pub(super) const PORTFOLIOS: [&str; 6] =
    ["Main portfolio", "Long term", "Cold wallet", "Altcoins", "DeFi", "Retirement"];

pub(super) const STRATEGIES: [&str; 6] = [
    "Gradual exit",
    "Double and out",
    "Cycle top",
    "Recover the stake",
    "Ladder to the moon",
    "Careful profits",
];

pub(super) const FORECASTS: [&str; 4] = ["Bull run", "Conservative case", "End of the cycle", "Best case"];
