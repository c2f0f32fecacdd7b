//! What the page does when the server does not serve it, and how it stays signed in.

use std::time::Duration;

use api::auth::{AccessTokens, JwtSecret};
use serde_json::json;
use time::OffsetDateTime;

use super::{DASHBOARD, PASSWORD, Site, USER, sign_in};
use crate::support::{SECRET, access_token};

const TROUBLE: &str = "!document.querySelector('#trouble').hidden";
const NO_TROUBLE: &str = "document.querySelector('#trouble').hidden";
/// No load by itself from now on.
const NO_RETRIES: &str =
    "window.setTimeout = () => 0; for (let it = 0; it < 100000; it += 1) clearTimeout(it)";

impl Site {
    /// What the dashboard is read from is not there.
    async fn broken(&self) {
        self.database.execute(r#"ALTER TABLE "Forecast" RENAME TO "Gone""#).await;
    }

    async fn mended(&self) {
        self.database.execute(r#"ALTER TABLE "Gone" RENAME TO "Forecast""#).await;
    }
}

#[tokio::test]
async fn while_it_loads_it_says_so() {
    let site = Site::start("1h").await;
    let mut lock = site.database.pool.begin().await.unwrap();
    sqlx::query(r#"LOCK TABLE "Forecast""#).execute(&mut *lock).await.unwrap();
    let mut tab = site.opened().await;
    sign_in(&mut tab, PASSWORD).await;
    tab.shows("!document.querySelector('#loading').hidden").await;
    tab.picture("loading").await;
    lock.rollback().await.unwrap();
    tab.shows(DASHBOARD).await;
    tab.shows("document.querySelector('#loading').hidden").await;
}

#[tokio::test]
async fn a_first_load_that_fails_is_told_and_tried_again() {
    let site = Site::start("1h").await;
    site.broken().await;
    let mut tab = site.opened().await;
    sign_in(&mut tab, PASSWORD).await;
    tab.shows(TROUBLE).await;
    tab.picture("trouble").await;
    assert!(tab.text("#trouble").await.contains("could be loaded"));
    assert_eq!(tab.text("#sign-out").await, "Sign out", "the user can still go");
    site.mended().await;
    tab.shows(DASHBOARD).await;
    tab.shows(NO_TROUBLE).await;
}

#[tokio::test]
async fn a_later_load_that_fails_shows_what_there_was_and_a_button() {
    let site = Site::start("1h").await;
    let mut tab = site.signed_in().await;
    // Once more, by way of the service worker, so that it has something.
    let url = format!("{}/", site.process.base_url);
    tab.go(&url).await;
    tab.shows("caches.has('exstrat-data')").await;
    tab.shows(DASHBOARD).await;
    let totals = tab.text("#totals").await;
    site.broken().await;
    let portfolio = site.portfolio().await;
    let renamed = json!({"name": "Renamed elsewhere"});
    let path = format!("/portfolios/{portfolio}");
    assert_eq!(site.process.ask("PUT", &path, Some(&access_token(USER)), &renamed).await.status, 200);
    tab.shows(TROUBLE).await;
    assert_eq!(tab.text("#totals").await, totals);

    tab.go(&url).await;
    tab.shows(DASHBOARD).await;
    tab.shows(TROUBLE).await;
    assert_eq!(tab.text("#totals").await, totals);
    let age = tab.text("#age").await;
    assert!(age.contains("As of") && !age.contains("Offline"), "{age}");
    tab.picture("trouble-with-data").await;
    tab.resize(320, 800).await;
    tab.picture("trouble-phone").await;

    tab.value(NO_RETRIES).await;
    site.mended().await;
    tab.click("#again").await;
    tab.shows(NO_TROUBLE).await;
    tab.shows("document.querySelector('#portfolios').innerText.includes('Renamed elsewhere')").await;
    tab.shows("document.querySelector('#age').hidden").await;
}

#[tokio::test]
async fn it_waits_as_long_as_the_server_asks_and_longer_each_time() {
    let site = Site::start("1h").await;
    let mut tab = site.opened().await;
    let pauses = "(async () => { const { pauseMs } = await import('/loading.js');
        const many = (...of) => Array.from({ length: 200 }, () => pauseMs(...of));
        const range = (all) => [Math.min(...all), Math.max(...all)];
        return [many(1), many(4), many(30), many(1, 7000)].map(range); })()";
    let pauses = tab.value(pauses).await;
    let within = [(500.0, 1000.0), (4000.0, 8000.0), (30_000.0, 60_000.0), (7500.0, 8000.0)];
    for (range, (least, most)) in pauses.as_array().unwrap().iter().zip(within) {
        let [shortest, longest] = [0, 1].map(|end| range[end].as_f64().unwrap());
        assert!(least <= shortest && longest <= most && shortest < longest, "{range} in {least} to {most}");
    }
    let retry_after = "(async () => { const { ask } = await import('/session.js');
        window.fetch = async () => new Response('', { status: 503, headers: { 'retry-after': '7' } });
        return ask('/dashboard').catch((refused) => refused.retryAfterMs); })()";
    assert_eq!(tab.value(retry_after).await, 7000);
}

/// Of two tokens the one ends in an hour and the other has ended.
#[tokio::test]
async fn a_token_near_its_end_is_exchanged() {
    let site = Site::start("1h").await;
    let mut tab = site.signed_in().await;
    let tokens = AccessTokens::new(&JwtSecret::new(SECRET.to_owned()).unwrap(), None);
    for hours in [23, 25] {
        let issued = OffsetDateTime::now_utc() - Duration::from_hours(hours);
        let old = json!(tokens.issue(USER, "carol@example.com", issued).unwrap());
        tab.value(&format!("localStorage.setItem('accessToken', {old})")).await;
        tab.go(&format!("{}/?{hours}", site.process.base_url)).await;
        tab.shows(&format!("![null, {old}].includes(localStorage.getItem('accessToken'))")).await;
        tab.shows(DASHBOARD).await;
    }
    let fresh = tab.value("localStorage.getItem('accessToken')").await;
    tab.go(&format!("{}/?fresh", site.process.base_url)).await;
    tab.shows(DASHBOARD).await;
    assert_eq!(tab.value("localStorage.getItem('accessToken')").await, fresh, "a fresh one is kept");
    assert_eq!(tab.complaints().await, [""; 0]);
}
