//! `/auth/*`: tokens for passwords.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::time::Instant;

use super::password::{KnownPassword, NewPassword, Verdict};
use super::users::{self, Account, User};
use super::{AuthError, Session, UserId};
use crate::field::{Email, Name};
use crate::problem::Problem;
use crate::request::{Body, Created};
use crate::state::AppState;

/// When it is told that a password is wrong, since the check began: a hash of the beta's takes ten times as long as one
/// of ours or nobody's, and how soon the answer comes would say which it was. The check waits for one other at most
/// (two have a place), so this is twice what two of the beta's take. It hides no more than that: who has a sign-in of
/// their own wait behind the check can time that, and sign-up tells who exists.
const WRONG_IS_TOLD_AFTER: Duration = Duration::from_secs(1);

/// `POST /auth/signup`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignUp {
    email: Email,
    password: NewPassword,
    first_name: Option<Name>,
    last_name: Option<Name>,
}

/// `POST /auth/signin`
#[derive(Debug, Deserialize, JsonSchema)]
pub struct SignIn {
    email: Email,
    password: KnownPassword,
}

/// Who is signed in now, and their token.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignedIn {
    message: &'static str,
    user: User,
    access_token: String,
}

/// A fresh token.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Refreshed {
    access_token: String,
}

/// What was done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Message {
    message: &'static str,
}

/// `POST /auth/signup`. As in the beta, the new user is signed in at once.
pub async fn signup(
    State(state): State<AppState>,
    Body(new): Body<SignUp>,
) -> Result<Created<SignedIn>, Problem> {
    state.limits.check_address(&new.email.in_small_letters())?;
    let hash = state.passwords.hash(new.password).await?;
    let (first, last) = (new.first_name.as_ref(), new.last_name.as_ref());
    let user = users::insert(state.database.primary(), &new.email, &hash, first, last).await?;
    let user = user.ok_or(Problem::Conflict("A user with this email address exists already"))?;
    let access_token = issue(&state, &user, OffsetDateTime::now_utc())?;
    Ok(Created(SignedIn { message: "Signed up", user, access_token }))
}

/// `POST /auth/signin`
pub async fn signin(
    State(state): State<AppState>,
    Body(given): Body<SignIn>,
) -> Result<Json<SignedIn>, Problem> {
    state.limits.check_address(&given.email.in_small_letters())?;
    let wrong = Problem::WrongPassword { at: Instant::now() + WRONG_IS_TOLD_AFTER };
    let account = users::by_email(state.database.primary(), &given.email).await?;
    let stored = account.as_ref().map(|account| account.password_hash.clone());
    let verdict = state.passwords.verify(given.password.clone(), stored).await?;
    let account = account.filter(|_| verdict != Verdict::Wrong).ok_or(wrong)?;
    if verdict == Verdict::RightButOutdated {
        modernise(&state, &account, given.password).await?;
    }
    let user = account.user;
    let access_token = issue(&state, &user, OffsetDateTime::now_utc())?;
    Ok(Json(SignedIn { message: "Signed in", user, access_token }))
}

async fn modernise(state: &AppState, account: &Account, password: KnownPassword) -> Result<(), Problem> {
    let hash = state.passwords.hash(password).await?;
    Ok(users::rehash(state.database.primary(), account, &hash).await?)
}

/// `POST /auth/refresh`: the bearer's token, or one that ended less than a week ago, for a fresh one.
pub async fn refresh(State(state): State<AppState>, session: Session) -> Result<Json<Refreshed>, Problem> {
    let user =
        users::by_id(state.database.primary(), session.user.as_str()).await?.ok_or(AuthError::Invalid)?;
    Ok(Json(Refreshed { access_token: issue(&state, &user, session.since)? }))
}

/// `POST /auth/logout`. Tokens are not looked up, so there is nothing to forget: the client forgets.
pub async fn logout(_session: Session) -> Json<Message> {
    Json(Message { message: "Signed out" })
}

/// `GET /auth/profile`
pub async fn profile(State(state): State<AppState>, user: UserId) -> Result<Json<User>, Problem> {
    let found = users::by_id(state.reads(&user), user.as_str()).await?;
    Ok(Json(found.ok_or(AuthError::Invalid)?))
}

fn issue(state: &AppState, user: &User, since: OffsetDateTime) -> Result<String, Problem> {
    let token = state.access_tokens.renew(&user.id, &user.email, since, OffsetDateTime::now_utc());
    token.map_err(|error| anyhow::Error::from(error).into())
}
