//! The faults, and what is promised for each.

use std::time::Duration;

use localstack::Server;
use nix::sys::signal::Signal;

use crate::support::ground::Ground;

/// Something that happens to the servers.
pub struct Fault {
    pub name: &'static str,
    pub on: On,
    pub strike: Act,
    pub mend: Act,
    pub promise: Promise,
}

/// Which instance is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// One that reads from the replica, and has one Redis.
    Replica,
    /// One that knows of no replica.
    PrimaryAlone,
    /// One whose Redis is a cluster.
    Cluster,
}

/// What an operator may count on.
pub struct Promise {
    /// Of dashboards that the caches had, of others, of other reads and of writes: answered while it lasts, per cent at least.
    pub answered: [f64; 4],
    /// The longest that anybody waits for any answer, good or bad.
    pub longest: Duration,
    /// From the mending until every request is answered and the caches serve again.
    pub whole_again: Duration,
}

/// What is done to which server.
pub enum Act {
    Nothing,
    Send(Which, Signal),
    End(Which, Signal),
    Resume(Which),
    RotateCredentials,
}

#[derive(Clone, Copy)]
pub enum Which {
    Primary,
    Replica,
    Redis,
    /// The master of a third of the cluster's slots; it has a replica.
    ClusterMaster,
}

/// The quickest way down that leaves PostgreSQL's data whole: no connection is closed in order.
const CRASH: Signal = Signal::SIGQUIT;
/// As a restart by its operator: connections are told.
const STOP: Signal = Signal::SIGINT;

const ALL: [f64; 4] = [100.0; 4];
/// Room for a machine that does other things beside; each wait of the API's own is shorter by far.
const SHORT: Duration = Duration::from_secs(3);
/// Before anybody knows, somebody waits three seconds for a connection to the replica, two more for its health check, and
/// then for one to the primary.
const A_CONNECTION: Duration = Duration::from_secs(8);
const WHOLE_AGAIN: Duration = Duration::from_secs(8);

pub const FAULTS: &[Fault] = &[
    Fault {
        name: "nothing",
        on: On::Replica,
        strike: Act::Nothing,
        mend: Act::Nothing,
        promise: Promise { answered: ALL, longest: SHORT, whole_again: WHOLE_AGAIN },
    },
    Fault {
        name: "Redis killed",
        on: On::Replica,
        strike: Act::End(Which::Redis, Signal::SIGKILL),
        mend: Act::Resume(Which::Redis),
        promise: Promise { answered: ALL, longest: SHORT, whole_again: WHOLE_AGAIN },
    },
    Fault {
        name: "Redis silent (SIGSTOP)",
        on: On::Replica,
        strike: Act::Send(Which::Redis, Signal::SIGSTOP),
        mend: Act::Send(Which::Redis, Signal::SIGCONT),
        promise: Promise { answered: ALL, longest: SHORT, whole_again: WHOLE_AGAIN },
    },
    Fault {
        name: "Redis Cluster: a master killed",
        on: On::Cluster,
        strike: Act::End(Which::ClusterMaster, Signal::SIGKILL),
        mend: Act::Resume(Which::ClusterMaster),
        promise: Promise { answered: ALL, longest: SHORT, whole_again: WHOLE_AGAIN },
    },
    Fault {
        name: "replica crashed",
        on: On::Replica,
        strike: Act::End(Which::Replica, CRASH),
        mend: Act::Resume(Which::Replica),
        promise: Promise { answered: ALL, longest: A_CONNECTION, whole_again: WHOLE_AGAIN },
    },
    Fault {
        name: "replica silent (SIGSTOP)",
        on: On::Replica,
        strike: Act::Send(Which::Replica, Signal::SIGSTOP),
        mend: Act::Send(Which::Replica, Signal::SIGCONT),
        promise: Promise { answered: ALL, longest: A_CONNECTION, whole_again: WHOLE_AGAIN },
    },
    Fault {
        name: "primary stopped, with a replica",
        on: On::Replica,
        strike: Act::End(Which::Primary, STOP),
        mend: Act::Resume(Which::Primary),
        promise: Promise {
            answered: [100.0, 100.0, 100.0, 0.0],
            longest: A_CONNECTION,
            whole_again: WHOLE_AGAIN,
        },
    },
    Fault {
        name: "primary stopped, no replica",
        on: On::PrimaryAlone,
        strike: Act::End(Which::Primary, STOP),
        mend: Act::Resume(Which::Primary),
        promise: Promise {
            answered: [100.0, 0.0, 0.0, 0.0],
            longest: A_CONNECTION,
            whole_again: WHOLE_AGAIN,
        },
    },
    Fault {
        name: "primary crashed, no replica",
        on: On::PrimaryAlone,
        strike: Act::End(Which::Primary, CRASH),
        mend: Act::Resume(Which::Primary),
        promise: Promise {
            answered: [100.0, 0.0, 0.0, 0.0],
            longest: A_CONNECTION,
            whole_again: WHOLE_AGAIN,
        },
    },
    Fault {
        name: "primary silent (SIGSTOP), no replica",
        on: On::PrimaryAlone,
        strike: Act::Send(Which::Primary, Signal::SIGSTOP),
        mend: Act::Send(Which::Primary, Signal::SIGCONT),
        // A write that is under way waits for the primary: if it were given up nobody would know whether it was done.
        promise: Promise {
            answered: [100.0, 0.0, 0.0, 0.0],
            longest: Duration::from_secs(10),
            whole_again: WHOLE_AGAIN,
        },
    },
    Fault {
        name: "credentials rotated",
        on: On::Replica,
        strike: Act::RotateCredentials,
        mend: Act::Nothing,
        // A write that is under way as the old login ends is cut off, and not tried again: it may have been done.
        promise: Promise {
            answered: [100.0, 100.0, 100.0, 90.0],
            longest: A_CONNECTION,
            whole_again: WHOLE_AGAIN,
        },
    },
];

impl Act {
    pub async fn on(&self, ground: &mut Ground) {
        match self {
            Self::Nothing => {}
            Self::Send(which, signal) => which.server(ground).signal_all(*signal),
            Self::End(which, signal) => which.server(ground).end(*signal).await.unwrap(),
            Self::Resume(which) => which.server(ground).resume().await.unwrap(),
            Self::RotateCredentials => ground.rotate_credentials().await,
        }
    }
}

impl Which {
    fn server(self, ground: &mut Ground) -> &mut Server {
        match self {
            Self::Primary => ground.primary.server(),
            Self::Replica => ground.replica.server(),
            Self::Redis => ground.redis.server(),
            Self::ClusterMaster => ground.cluster.first(),
        }
    }
}
