//! `GET /ws`: prices and the user's forecasts as they change, and word that something else of the user's has changed.
//!
//! [`MESSAGES`] says which. A browser cannot send a header with a WebSocket, so the token may also be the second of
//! two subprotocols: `new WebSocket(url, ["bearer", token])`.

use std::time::Duration;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, State};
use axum::http::header::SEC_WEBSOCKET_PROTOCOL;
use axum::http::request::Parts;
use axum::response::Response;
use metrics::gauge;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{MissedTickBehavior, interval};

use crate::auth::{AuthError, UserId, bearer};
use crate::cache::CHANGED;
use crate::limits::Place;
use crate::problem::Problem;
use crate::state::AppState;

/// What is said, for the OpenAPI document.
pub const MESSAGES: &str = "Messages are JSON objects with a `type`: `prices` (with `prices`, as `GET /public/prices`), \
    `forecasts` (with `forecasts`: the `id` and the `summary` of each that was computed anew), `changed` (load again \
    what you show), `reconnect` (with `afterMs`: another instance serves, open it again after so long). The client \
    says nothing. Where no header can be sent the token is the second of two subprotocols, after `bearer`.";
/// The subprotocol that announces a token.
const PROTOCOL: &str = "bearer";
/// A client that is silent is asked whether it is still there; proxies keep a connection that is used.
const PING_EVERY: Duration = Duration::from_secs(25);
/// When an instance stops, its clients come back spread over so long.
const RECONNECT_WITHIN_MS: u64 = 5_000;
/// The token is looked at when a WebSocket is opened, so none is open for ever.
const OPEN_AT_MOST: Duration = Duration::from_hours(1);
/// A client that takes nothing for so long is gone, though its connection stands: its place is for others.
const SEND_WITHIN: Duration = Duration::from_secs(5);
/// A client says nothing that we need.
const MAX_MESSAGE_BYTES: usize = 4 * 1024;

/// Whoever opens a WebSocket, by header or by subprotocol.
pub struct Listener(UserId);

impl FromRequestParts<AppState> for Listener {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let offered = parts.headers.get(SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok());
        let mut offered = offered.into_iter().flat_map(|value| value.split(',')).map(str::trim);
        let token = offered.find(|protocol| *protocol == PROTOCOL).and_then(|_| offered.next());
        let token = token.or_else(|| bearer(&parts.headers)).ok_or(AuthError::Missing)?;
        let user = state.access_tokens.verify(token)?;
        state.limits.check_user(&user)?;
        Ok(Self(user))
    }
}

impl OperationInput for Listener {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        UserId::operation_input(context, operation);
    }
}

/// `GET /ws`
pub async fn upgrade(
    State(state): State<AppState>,
    listener: Result<Listener, Problem>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let Listener(user) = listener?;
    if state.draining.is_cancelled() {
        return Err(Problem::Draining);
    }
    let place = state.limits.open_websocket(&user)?;
    let upgrade = upgrade.protocols([PROTOCOL]).max_message_size(MAX_MESSAGE_BYTES);
    Ok(upgrade.on_upgrade(move |socket| serve(state, user, socket, place)))
}

async fn serve(state: AppState, user: UserId, mut socket: WebSocket, _place: Place) {
    gauge!("api_websockets").increment(1);
    // A client that is gone is no error.
    let _ = talk(&state, &user, &mut socket).await;
    gauge!("api_websockets").decrement(1);
}

async fn talk(state: &AppState, user: &UserId, socket: &mut WebSocket) -> Result<(), axum::Error> {
    let (mut public, mut own) = (state.cache.listen_publicly(), state.cache.listen_for(user));
    let mut ping = interval(PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ping.reset();
    let mut over = std::pin::pin!(tokio::time::sleep(OPEN_AT_MOST));
    loop {
        let message = tokio::select! {
            () = state.draining.cancelled() => return send_elsewhere(socket).await,
            () = &mut over => return send_elsewhere(socket).await,
            _ = ping.tick() => Some(Message::Ping(bytes::Bytes::new())),
            news = public.recv() => Some(message(news)),
            news = own.recv() => Some(message(news)),
            received = socket.recv() => match received {
                None | Some(Err(_) | Ok(Message::Close(_))) => return Ok(()),
                Some(Ok(_)) => None,
            },
        };
        if let Some(message) = message {
            send(socket, message).await?;
        }
    }
}

async fn send_elsewhere(socket: &mut WebSocket) -> Result<(), axum::Error> {
    send(socket, reconnect()).await?;
    send(socket, Message::Close(None)).await
}

async fn send(socket: &mut WebSocket, message: Message) -> Result<(), axum::Error> {
    tokio::time::timeout(SEND_WITHIN, socket.send(message)).await.map_err(axum::Error::new)?
}

/// What a client is told; whatever it missed is all in what it loads again. (Nobody's news end while they listen.)
fn message(news: Result<Utf8Bytes, RecvError>) -> Message {
    Message::Text(news.unwrap_or_else(|_missed| CHANGED.clone()))
}

fn reconnect() -> Message {
    let after_ms = rand::random_range(0..RECONNECT_WITHIN_MS);
    Message::text(format!(r#"{{"type":"reconnect","afterMs":{after_ms}}}"#))
}
