//! Which path leads where. The OpenAPI document is generated from this list and from the handlers' types; the tests
//! walk it as another user and as nobody.

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, patch_with, post_with, put_with};
use aide::transform::TransformOperation;
use axum::middleware::from_fn;

use super::layers;
use crate::portfolios::{self, forecasts, holdings, strategies as plans, templates, theoretical_strategies};
use crate::state::AppState;
use crate::{auth, dashboard, health, live, public, strategies, tokens, transactions};

/// Every route but the health checks.
pub(super) fn all() -> ApiRouter<AppState> {
    private().merge(questions()).merge(public()).merge(sessions()).merge(passwords())
}

/// A user's own.
pub(super) fn private() -> ApiRouter<AppState> {
    ApiRouter::new()
        .merge(dashboard_and_portfolios())
        .merge(plans_and_forecasts())
        .merge(strategies_and_transactions())
        .merge(profile_and_tokens())
}

/// A user's own, where a body says what they want to read.
pub(super) fn questions() -> ApiRouter<AppState> {
    ApiRouter::new().api_route(
        "/portfolios/holdings/batch",
        post_with(holdings::batch::read, about("The holdings of several portfolios")),
    )
}

/// The same for everybody.
pub(super) fn public() -> ApiRouter<AppState> {
    market()
        .layer(from_fn(layers::keep_half_a_minute))
        .merge(public_templates().layer(from_fn(layers::keep_two_minutes)))
}

fn dashboard_and_portfolios() -> ApiRouter<AppState> {
    ApiRouter::new()
        .api_route("/dashboard", get_with(dashboard::get, about("Everything that the first screen shows")))
        .api_route(
            "/portfolios",
            get_with(portfolios::index, about("The portfolios, default first, then newest"))
                .merge(post_with(portfolios::create, about("A new portfolio"))),
        )
        .api_route(
            "/portfolios/{portfolioId}",
            get_with(portfolios::show, about("A portfolio"))
                .merge(put_with(portfolios::update, about("Changes a portfolio")))
                .merge(delete_with(portfolios::delete, about("Deletes a portfolio and what hangs on it"))),
        )
        .api_route(
            "/portfolios/{portfolioId}/holdings",
            get_with(holdings::index, about("A portfolio's holdings, by symbol"))
                .merge(post_with(holdings::create, about("A new holding"))),
        )
        .api_route(
            "/portfolios/{portfolioId}/holdings/{holdingId}",
            put_with(holdings::update, about("Changes a holding"))
                .merge(delete_with(holdings::delete, about("Deletes a holding"))),
        )
}

fn plans_and_forecasts() -> ApiRouter<AppState> {
    ApiRouter::new()
        .api_route(
            "/portfolios/strategies",
            get_with(plans::index, about("The strategies on portfolios, newest first"))
                .merge(post_with(plans::create, about("A new strategy on a portfolio"))),
        )
        .api_route(
            "/portfolios/strategies/{strategyId}",
            get_with(plans::show, about("A strategy on a portfolio"))
                .merge(put_with(plans::update, about("Changes a strategy on a portfolio")))
                .merge(delete_with(plans::delete, about("Deletes a strategy on a portfolio"))),
        )
        .api_route(
            "/portfolios/strategies/{strategyId}/token-configs",
            get_with(plans::token_configs::index, about("What a strategy does with each holding")).merge(
                post_with(plans::token_configs::create, about("Says what a strategy does with a holding")),
            ),
        )
        .api_route(
            "/portfolios/forecasts",
            get_with(forecasts::index, about("The forecasts, newest first"))
                .merge(post_with(forecasts::create, about("A new forecast"))),
        )
        .api_route(
            "/portfolios/forecasts/{forecastId}",
            get_with(forecasts::show, about("A forecast"))
                .merge(put_with(forecasts::update, about("Changes a forecast")))
                .merge(delete_with(forecasts::delete, about("Deletes a forecast"))),
        )
        .api_route(
            "/portfolios/forecasts/{forecastId}/details",
            get_with(forecasts::details::show, about("What a forecast rests on")),
        )
        .api_route(
            "/portfolios/theoretical-strategies",
            get_with(theoretical_strategies::index, about("The theoretical strategies, newest first"))
                .merge(post_with(theoretical_strategies::create, about("A new theoretical strategy"))),
        )
        .api_route(
            "/portfolios/theoretical-strategies/{strategyId}",
            get_with(theoretical_strategies::show, about("A theoretical strategy"))
                .merge(put_with(theoretical_strategies::update, about("Changes a theoretical strategy")))
                .merge(delete_with(theoretical_strategies::delete, about("Deletes a theoretical strategy"))),
        )
}

fn strategies_and_transactions() -> ApiRouter<AppState> {
    ApiRouter::new()
        .api_route(
            "/strategies",
            get_with(strategies::index, about("Finds strategies"))
                .merge(post_with(strategies::create, about("A new strategy"))),
        )
        .api_route(
            "/strategies/{strategyId}",
            get_with(strategies::show, about("A strategy with its steps"))
                .merge(patch_with(
                    strategies::update,
                    about("Changes a strategy; its targets follow the reference price"),
                ))
                .merge(delete_with(strategies::delete, about("Deletes a strategy"))),
        )
        .api_route(
            "/strategies/{strategyId}/summary",
            get_with(strategies::summary::show, about("What a strategy would bring")),
        )
        .api_route(
            "/strategies/{strategyId}/steps/{stepId}",
            patch_with(strategies::steps::update, about("Changes a step")),
        )
        .api_route(
            "/transactions",
            get_with(transactions::index, about("Finds transactions, newest first"))
                .merge(post_with(transactions::create, about("A new transaction; its holding is rebuilt"))),
        )
        .api_route(
            "/transactions/{transactionId}",
            get_with(transactions::show, about("A transaction"))
                .merge(patch_with(
                    transactions::update,
                    about("Changes a transaction; its holdings are rebuilt"),
                ))
                .merge(delete_with(
                    transactions::delete,
                    about("Deletes a transaction; its holding is rebuilt"),
                )),
        )
        .api_route(
            "/transactions/batch",
            post_with(transactions::batch::create, about("Imports up to 1,000 transactions at once")),
        )
}

fn profile_and_tokens() -> ApiRouter<AppState> {
    ApiRouter::new()
        .api_route("/auth/profile", get_with(auth::routes::profile, about("Who is signed in")))
        .api_route("/tokens/search", get_with(tokens::search, about("Finds tokens by symbol or name")))
        .api_route("/tokens/{cmcId}", get_with(tokens::show, about("A token, by CoinMarketCap's id")))
}

fn market() -> ApiRouter<AppState> {
    ApiRouter::new()
        .api_route(
            "/public/tokens",
            get_with(public::tokens, about("The tokens that the price source knows, by symbol")),
        )
        .api_route("/public/prices", get_with(public::prices, about("All prices, by symbol")))
}

fn public_templates() -> ApiRouter<AppState> {
    ApiRouter::new()
        .api_route(
            "/portfolios/templates/strategies",
            get_with(templates::strategies, about("Strategies to begin with")),
        )
        .api_route(
            "/portfolios/templates/profit-taking",
            get_with(templates::profit_taking, about("Rules for taking profits to begin with")),
        )
}

/// Where nobody is known yet, and a password is hashed.
pub(super) fn passwords() -> ApiRouter<AppState> {
    ApiRouter::new()
        .api_route("/auth/signup", post_with(auth::routes::signup, about("A new user")))
        .api_route("/auth/signin", post_with(auth::routes::signin, about("A token for a password")))
}

/// What is done with a token, also with one that has ended a while ago. Nothing of it writes.
pub(super) fn sessions() -> ApiRouter<AppState> {
    ApiRouter::new()
        .api_route("/auth/refresh", post_with(auth::routes::refresh, about("A fresh token for an old one")))
        .api_route("/auth/logout", post_with(auth::routes::logout, about("The end of a session")))
}

/// The health checks, which are not held up by anything.
pub(super) fn healths() -> ApiRouter<AppState> {
    ApiRouter::new()
        .api_route("/health", get_with(health::get, about("The process answers")))
        .api_route("/health/database", get_with(health::database, about("The database answers")))
        .api_route(
            "/health/live",
            get_with(health::live, about("The process answers; nothing else is asked")),
        )
        .api_route("/health/ready", get_with(health::ready, about("The process should be sent requests")))
}

/// The WebSocket, which lasts longer than any request may.
pub(super) fn websocket() -> ApiRouter<AppState> {
    let upgrade = get_with(live::upgrade, |it| it.summary("Pushes what changes").description(live::MESSAGES));
    ApiRouter::new().api_route("/ws", upgrade)
}

/// What an operation is for, in the document.
fn about(summary: &'static str) -> impl FnOnce(TransformOperation<'_>) -> TransformOperation<'_> {
    move |operation| operation.summary(summary)
}
