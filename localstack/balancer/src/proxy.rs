//! One request's way: rule, target group, target, and the answer back.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use http::{Request, Response, StatusCode, Uri, Version, uri::Scheme};
use http_body_util::Either;
use hyper::{body::Incoming, rt::Executor, upgrade::OnUpgrade};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioTimer,
};
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    balancer::State,
    body::{Answer, Download, Upload},
    exchange::{Exchange, Failure},
    headers,
    idle::IdleClock,
    routes::{Choice, Group, InFlight, Member},
    tunnel,
};

/// Shorter than what servers commonly keep an idle connection for, so that ours is seldom the one that finds it closed.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// What all connections share while the balancer serves.
pub(crate) struct Proxy {
    pub(crate) state: Arc<State>,
    pub(crate) tasks: Tasks,
    client: Client<HttpConnector, Upload>,
}

/// Every task of a serving balancer, so that it can end them and wait for their end.
#[derive(Debug, Clone)]
pub(crate) struct Tasks {
    pub(crate) tracker: TaskTracker,
    pub(crate) stop: CancellationToken,
}

impl<F> Executor<F> for Tasks
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, task: F) {
        self.tracker.spawn(task);
    }
}

impl Proxy {
    pub(crate) fn new(state: Arc<State>, tasks: Tasks) -> Self {
        let client = Client::builder(tasks.clone())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .build(connector(Some(state.settings.connect_timeout)));
        Self { state, tasks, client }
    }

    pub(crate) async fn handle(&self, client: SocketAddr, request: Request<Incoming>) -> Response<Answer> {
        let (group, choice, idle_timeout) = self.route(&request);
        let exchange = Exchange::open(&self.state.edge, group.clone());
        let outcome = match (group, choice) {
            (Some(group), Some(choice)) => self.forward(&group, choice, idle_timeout, client, request).await,
            (Some(_), None) => Err(Failure::NoTarget),
            (None, _) => Err(Failure::NoRule),
        };
        exchange.close(outcome)
    }

    /// The target is chosen, and counted as in use, while the routes are held: once an update has returned, no choice
    /// by the routes before it can still be made, so a draining target is never taken for idle too early.
    fn route(&self, request: &Request<Incoming>) -> (Option<Arc<Group>>, Option<Choice>, Duration) {
        let routes = self.state.routes.borrow();
        let group = routes.group_for(request.method(), request.uri().path()).cloned();
        let choice = group.as_ref().and_then(|group| group.choose());
        (group, choice, routes.idle_timeout())
    }

    async fn forward(
        &self,
        group: &Group,
        (member, in_flight): Choice,
        idle_timeout: Duration,
        client: SocketAddr,
        mut request: Request<Incoming>,
    ) -> Result<Response<Answer>, Failure> {
        group.tally().target_chosen();
        let chosen = Instant::now();
        let idle = IdleClock::start(idle_timeout);
        let client_upgrade = headers::is_upgrade(request.headers()).then(|| hyper::upgrade::on(&mut request));
        let outgoing = self.outgoing(request, member.target.address, client, idle.clone())?;
        let answer = tokio::select! {
            answer = self.send(&member, outgoing) => answer,
            () = idle.clone().expired() => Err(Failure::IdleTimeout),
        };
        if matches!(answer, Err(Failure::Unreachable(_) | Failure::ConnectTimeout(_))) {
            group.tally().connection_failed();
        }
        let response = answer?;
        group.tally().target_answered(response.status(), chosen.elapsed());
        idle.touch();
        Ok(self.pass_on(response, client_upgrade, idle, in_flight))
    }

    /// Returns when the response's head is there, and with a profile when the machine's service is over too.
    async fn send(&self, member: &Member, request: Request<Upload>) -> Result<Response<Incoming>, Failure> {
        let answer = async { self.client.request(request).await.map_err(Failure::from) };
        match &member.machine {
            Some(machine) => machine.serve(answer).await,
            None => answer.await,
        }
    }

    fn outgoing(
        &self,
        request: Request<Incoming>,
        target: SocketAddr,
        client: SocketAddr,
        idle: IdleClock,
    ) -> Result<Request<Upload>, Failure> {
        let (mut head, body) = request.into_parts();
        head.uri = at_target(&head.uri, target)?;
        head.version = Version::HTTP_11;
        headers::remove_hop_by_hop(&mut head.headers);
        headers::add_forwarded(&mut head.headers, client, self.state.local_addr.port());
        Ok(Request::from_parts(head, Upload::new(body, idle)))
    }

    fn pass_on(
        &self,
        mut response: Response<Incoming>,
        client_upgrade: Option<OnUpgrade>,
        idle: IdleClock,
        in_flight: InFlight,
    ) -> Response<Answer> {
        headers::remove_hop_by_hop(response.headers_mut());
        *response.version_mut() = Version::HTTP_11;
        match client_upgrade {
            Some(client) if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
                let target = hyper::upgrade::on(&mut response);
                let stop = self.tasks.stop.clone();
                let tunnel = tunnel::carry(client, target, idle, in_flight);
                self.tasks.tracker.spawn(async move { stop.run_until_cancelled(tunnel).await });
                response.map(|_| Either::Right(http_body_util::Full::default()))
            }
            _ => response.map(|body| Either::Left(Download::new(body, idle, in_flight))),
        }
    }
}

/// Without a timeout where a whole answer is waited for within one.
pub(crate) fn connector(timeout: Option<Duration>) -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_connect_timeout(timeout);
    connector
}

fn at_target(uri: &Uri, target: SocketAddr) -> Result<Uri, Failure> {
    let path_and_query = uri.path_and_query().cloned().ok_or(Failure::NotAPath)?;
    let whole =
        Uri::builder().scheme(Scheme::HTTP).authority(target.to_string()).path_and_query(path_and_query);
    whole.build().map_err(|_| Failure::NotAPath)
}
