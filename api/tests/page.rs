//! The page, in headless Chromium, from a real process: as its user sees it. Pictures go to
//! `target/tmp/page`, for people to look at.

mod browser;
mod tab;
mod trouble;

use serde_json::{Value, json};

use crate::support::{ApiProcess, TestDatabase, access_token, api, eventually, redis_url};
use tab::Tab;

const EMAIL: &str = "carol@example.com";
const PASSWORD: &str = "correct horse";
/// Whom the seeding made; the second is somebody else.
const USER: &str = "seed-user-0000001";

/// A process on a database with seeded users, one of whom can sign in.
struct Site {
    process: ApiProcess,
    database: TestDatabase,
}

impl Site {
    /// Its prices change as often as that.
    async fn start(prices_every: &str) -> Self {
        let database = TestDatabase::migrated().await;
        assert!(api(&database).args(["seed", "--users", "2"]).status().unwrap().success());
        let mut command = api(&database);
        command.env("REDIS_URL", redis_url()).env("REDIS_NAMESPACE", &database.name);
        command.args(["serve", "--redis-timeout", "2s", "--prices-every", prices_every]);
        let process = ApiProcess::start(command);
        let account = json!({"email": EMAIL, "password": PASSWORD});
        assert_eq!(process.ask("POST", "/auth/signup", None, &account).await.status, 201);
        // Seeded users have no password.
        database
            .execute(&format!(
                r#"UPDATE "User" SET password = (SELECT password FROM "User" WHERE email = '{EMAIL}') WHERE id = '{USER}';
                   UPDATE "User" SET email = 'other@example.com' WHERE email = '{EMAIL}';
                   UPDATE "User" SET email = '{EMAIL}' WHERE id = '{USER}'"#
            ))
            .await;
        Self { process, database }
    }

    async fn dashboard(&self) -> Value {
        self.process.get("/dashboard", Some(&access_token(USER))).await.unwrap().json()
    }

    /// The id of one of the user's.
    async fn portfolio(&self) -> String {
        let list = self.process.get("/portfolios", Some(&access_token(USER))).await.unwrap().json();
        list[0]["id"].as_str().unwrap().to_owned()
    }

    async fn opened(&self) -> Tab {
        Tab::open(&format!("{}/", self.process.base_url)).await
    }

    /// A tab that shows the user's dashboard.
    async fn signed_in(&self) -> Tab {
        let mut tab = self.opened().await;
        sign_in(&mut tab, PASSWORD).await;
        tab.shows(DASHBOARD).await;
        tab
    }
}

const DASHBOARD: &str = "!document.querySelector('#dashboard').hidden";
/// Nor the one that is being left.
const NO_DASHBOARD: &str = "document.querySelector('#dashboard').hidden && !document.querySelector('#sign-in').hidden \
                            && !document.body.hidden";

async fn sign_in(tab: &mut Tab, password: &str) {
    tab.shows("!document.querySelector('#sign-in').hidden").await;
    tab.fill("[name=email]", EMAIL).await;
    tab.fill("[name=password]", password).await;
    tab.click("#sign-in button").await;
}

/// As the page writes dollars in English.
fn dollars(amount: &Value) -> String {
    let cents = format!("{:.2}", amount.as_f64().unwrap());
    let (whole, cents) = cents.split_once('.').unwrap();
    let digits: Vec<char> = whole.chars().collect();
    let groups: Vec<String> = digits.rchunks(3).rev().map(|group| group.iter().collect()).collect();
    format!("${}.{cents}", groups.join(","))
}

#[tokio::test]
async fn a_wrong_password_is_told_and_the_right_one_shows_ones_own_figures() {
    let site = Site::start("1h").await;
    let mut tab = site.opened().await;
    sign_in(&mut tab, "wrong horse").await;
    tab.shows("document.querySelector('#problem').innerText.includes('wrong')").await;
    tab.picture("wrong-password").await;
    // Chromium itself notes every answer that is an error.
    let complaints = tab.complaints().await;
    assert!(complaints.len() == 1 && complaints[0].contains("401"), "{complaints:?}");

    sign_in(&mut tab, PASSWORD).await;
    tab.shows(DASHBOARD).await;
    let dashboard = site.dashboard().await;
    let totals = tab.text("#totals").await;
    for figure in ["investedAmount", "currentValue"] {
        let shown = dollars(&dashboard["totals"][figure]);
        assert!(totals.contains(&shown), "{totals} has no {shown}");
    }
    for (list, name) in [("portfolios", "name"), ("strategies", "name"), ("forecasts", "name")] {
        let shown = tab.text(&format!("#{list}")).await;
        for item in dashboard[list].as_array().unwrap() {
            assert!(shown.contains(item[name].as_str().unwrap()), "{shown}");
        }
    }
    let holdings = tab.value("document.querySelectorAll('#holdings tbody tr').length").await;
    assert_eq!(holdings, dashboard["holdings"].as_array().unwrap().len());
    tab.picture("dashboard").await;
    assert_eq!(tab.complaints().await, [""; 0]);
}

#[tokio::test]
async fn a_write_elsewhere_and_a_price_show_without_a_reload() {
    let site = Site::start("1s").await;
    let mut tab = site.signed_in().await;
    tab.value("window.stillTheSame = true").await;
    let path = format!("/portfolios/{}", site.portfolio().await);
    let renamed = json!({"name": "Renamed elsewhere"});
    assert_eq!(site.process.ask("PUT", &path, Some(&access_token(USER)), &renamed).await.status, 200);
    tab.shows("document.querySelector('#portfolios').innerText.includes('Renamed elsewhere')").await;
    let value = tab.text("#totals").await;
    tab.shows(&format!("document.querySelector('#totals').innerText !== {}", json!(value))).await;
    assert_eq!(tab.value("window.stillTheSame").await, true);
    assert_eq!(tab.complaints().await, [""; 0]);
}

/// The summary that is pushed is in no database, so a load would not show it.
#[tokio::test]
async fn a_forecast_computed_anew_shows_without_asking() {
    let site = Site::start("1h").await;
    let mut tab = site.signed_in().await;
    let mut forecast = site.dashboard().await["forecasts"][0].take();
    forecast["summary"]["totalProfit"] = json!(123_456);
    let summaries = json!([{"id": forecast["id"], "summary": forecast["summary"]}]);
    let (channel, event) =
        (format!("{}:events", site.database.name), format!("forecasts {USER}\0{summaries}"));
    let mut redis =
        redis::Client::open(redis_url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    // The page may not listen yet when it shows its first data.
    eventually("the new summary shows", async || {
        redis::cmd("PUBLISH").arg(&channel).arg(&event).exec_async(&mut redis).await.unwrap();
        tab.text("#forecasts").await.contains("+$123,456.00")
    })
    .await;
    assert_eq!(tab.complaints().await, [""; 0]);
}

#[tokio::test]
async fn without_a_server_it_shows_what_it_had_and_how_old_that_is() {
    let site = Site::start("1h").await;
    let mut tab = site.signed_in().await;
    let (totals, holdings) = (tab.text("#totals").await, tab.text("#holdings").await);
    assert_eq!(tab.complaints().await, [""; 0]);
    let (url, Site { process, database: _database }) = (format!("{}/", site.process.base_url), site);
    drop(process);
    tab.go(&url).await;
    tab.shows(DASHBOARD).await;
    assert_eq!((tab.text("#totals").await, tab.text("#holdings").await), (totals, holdings));
    let age = tab.text("#age").await;
    assert!(age.contains("Offline") && age.contains(':'), "{age}");
    tab.picture("offline").await;
    // That nothing can be fetched is noted; that the page failed over it would be too.
    let complaints = tab.complaints().await;
    assert!(complaints.iter().all(|it| it.contains("ERR_") || it.contains("WebSocket")), "{complaints:?}");
}

#[tokio::test]
async fn signing_out_leaves_nothing_behind() {
    let site = Site::start("1h").await;
    let mut tab = site.signed_in().await;
    let token = site.dashboard().await["holdings"][0]["token"]["name"].as_str().unwrap().to_owned();
    // Once more, by way of the service worker, so that there is something to drop and to go back to.
    tab.go(&format!("{}/?again", site.process.base_url)).await;
    tab.shows("caches.has('exstrat-data')").await;
    tab.shows(DASHBOARD).await;
    tab.click("#sign-out").await;
    tab.shows(NO_DASHBOARD).await;
    let whole = "document.documentElement.outerHTML";
    assert!(
        !tab.value(whole).await.as_str().unwrap().contains(&token),
        "the user's holdings are still in the page"
    );
    let kept = "(async () => { const found = [];
        for (const name of await caches.keys()) for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname);
        return { found, databases: (await indexedDB.databases()).length, local: Object.keys(localStorage), session: sessionStorage.length }; })()";
    let kept = tab.value(kept).await;
    let own = ["/", "/app.css", "/app.js", "/loading.js", "/session.js", "/view.js", "/words.js"];
    assert!(
        kept["found"].as_array().unwrap().iter().all(|path| own.contains(&path.as_str().unwrap())),
        "{kept}"
    );
    eventually("the server is told", async || {
        let metrics = site.process.get("/metrics", None).await.unwrap();
        metrics
            .text()
            .lines()
            .any(|line| line.starts_with("api_requests_total") && line.contains("/auth/logout"))
    })
    .await;
    assert_eq!((&kept["databases"], &kept["local"], &kept["session"]), (&json!(0), &json!([]), &json!(0)));
    tab.value("history.back()").await;
    tab.shows(NO_DASHBOARD).await;
    assert!(!tab.value(whole).await.as_str().unwrap().contains(&token), "going back shows them again");
    assert_eq!(tab.complaints().await, [""; 0]);
}

#[tokio::test]
async fn it_speaks_two_languages_fits_a_phone_and_names_its_controls() {
    let site = Site::start("1h").await;
    let mut tab = site.opened().await;
    tab.shows("!document.querySelector('#sign-in').hidden").await;
    tab.picture("sign-in").await;
    named(&tab.controls().await, &["Email address", "Password", "Sign in", "Language"]);
    sign_in(&mut tab, PASSWORD).await;
    tab.shows(DASHBOARD).await;
    named(&tab.controls().await, &["Sign out", "Language", "What each token is worth"]);
    let french = "const it = document.querySelector('#language'); it.value = 'fr'; it.dispatchEvent(new Event('change', { bubbles: true }))";
    tab.value(french).await;
    tab.shows("document.documentElement.lang === 'fr'").await;
    assert!(tab.text("#totals").await.contains("Investi"));
    assert_eq!(tab.text("#sign-out").await, "Se déconnecter");
    named(&tab.controls().await, &["Se déconnecter", "Langue", "Ce que vaut chaque jeton"]);
    for (width, name) in [(1280, "french"), (768, "tablet"), (320, "phone")] {
        tab.resize(width, 800).await;
        tab.shows(&format!("innerWidth === {width}")).await;
        let sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(tab.value(sideways).await, 0, "scrolls sideways at {width}");
        tab.picture(name).await;
    }
    tab.go(&format!("{}/", site.process.base_url)).await;
    tab.shows("document.documentElement.lang === 'fr'").await;
    assert_eq!(tab.complaints().await, [""; 0]);
}

/// These are among the controls, and none is without a name.
fn named(controls: &[(String, String)], names: &[&str]) {
    assert!(controls.iter().all(|(_, name)| !name.trim().is_empty()), "{controls:?}");
    for wanted in names {
        assert!(controls.iter().any(|(_, name)| name.starts_with(wanted)), "{wanted}: {controls:?}");
    }
}
