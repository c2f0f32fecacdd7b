//! The headers a proxy must change: what concerns one hop is removed, what the hop hides is added.

use std::net::SocketAddr;

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CONNECTION, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE},
};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// RFC 9110, section 7.6.1, and the older `Keep-Alive`.
const HOP_BY_HOP: [HeaderName; 8] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Does this head ask for, or grant, another protocol (RFC 9110, section 7.8)?
pub(crate) fn is_upgrade(headers: &HeaderMap) -> bool {
    headers.contains_key(UPGRADE) && connection_options(headers).any(|option| option == UPGRADE)
}

/// Removes what concerns the last hop only; an upgrade is asked for anew at the next hop.
pub(crate) fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let upgrade = if is_upgrade(headers) { headers.get(UPGRADE).cloned() } else { None };
    let options: Vec<_> = connection_options(headers).collect();
    for name in options.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
    if let Some(protocol) = upgrade {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, protocol);
    }
}

/// Says who asked, at which of our ports. An `X-Forwarded-For` that came with the request is kept and continued, so
/// its last entry alone can be trusted; that is also the real one's default.
pub(crate) fn add_forwarded(headers: &mut HeaderMap, client: SocketAddr, listener_port: u16) {
    let before = headers.get_all(X_FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
    let chain = before.map(str::to_owned).chain([client.ip().to_string()]).collect::<Vec<_>>().join(", ");
    if let Ok(chain) = HeaderValue::try_from(chain) {
        headers.insert(X_FORWARDED_FOR, chain);
    }
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static("http"));
    headers.insert(X_FORWARDED_PORT, HeaderValue::from(listener_port));
}

fn connection_options(headers: &HeaderMap) -> impl Iterator<Item = HeaderName> {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).filter_map(|option| option.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn what_concerns_one_hop_is_removed_with_what_connection_names() {
        let mut map = headers(&[
            ("connection", "close, X-Private"),
            ("x-private", "1"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("host", "exstrat.test"),
        ]);
        remove_hop_by_hop(&mut map);
        assert_eq!(map, headers(&[("host", "exstrat.test")]));
    }

    #[test]
    fn an_upgrade_is_asked_for_anew() {
        let mut map = headers(&[("connection", "keep-alive, Upgrade"), ("upgrade", "websocket")]);
        assert!(is_upgrade(&map));
        remove_hop_by_hop(&mut map);
        assert_eq!(map, headers(&[("connection", "upgrade"), ("upgrade", "websocket")]));
    }

    #[test]
    fn the_forwarded_chain_is_continued_and_the_rest_overwritten() {
        let mut map = headers(&[("x-forwarded-for", "203.0.113.7"), ("x-forwarded-proto", "https")]);
        add_forwarded(&mut map, ([127, 0, 0, 1], 5555).into(), 8080);
        let expected = headers(&[
            ("x-forwarded-for", "203.0.113.7, 127.0.0.1"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-port", "8080"),
        ]);
        assert_eq!(map, expected);
    }
}
