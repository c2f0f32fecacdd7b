//! PostgreSQL, its replica and Redis of a test's own, with users, and instances of the API on them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use localstack::{Postgres, Provisioned, Redis, RedisCluster, Steps, seed};
use tests::{Instance, env};
use tokio::process::Command;

const SECRET: &str = "the failures' secret, of no use elsewhere";
/// Whom the instances sign in as, before and after the credentials rotate.
const ROLES: [&str; 2] = ["before", "after"];

/// The servers, with their users.
pub struct Ground {
    pub primary: Postgres,
    pub replica: Postgres,
    pub redis: Redis,
    pub cluster: RedisCluster,
    pub users: Vec<User>,
    pub folder: PathBuf,
    provisioned: Provisioned,
}

/// Somebody with a portfolio.
#[derive(Clone, Debug)]
pub struct User {
    pub token: String,
    pub portfolio: String,
}

impl Ground {
    pub async fn prepare(name: &str, users: u32) -> Self {
        let provisioned = Provisioned::ready(&Steps::silent()).await.unwrap();
        let folder = provisioned.run_folder(name).unwrap();
        let servers = &provisioned.servers;
        let primary = Postgres::start(servers, &folder).await.unwrap();
        let redis = Redis::start(servers, &folder).await.unwrap();
        let cluster = RedisCluster::start(servers, &folder).await.unwrap();
        let seeding = env(&[("DATABASE_URL", &primary.url("postgres")), ("JWT_SECRET", SECRET)]);
        let tokens = seed(&provisioned.programs.api, &seeding, users, &folder).await.unwrap();
        let users = load(&tokens);
        let replica = primary.start_replica(servers, &folder).await.unwrap();
        let ground = Self { primary, replica, redis, cluster, users, folder, provisioned };
        for role in ROLES {
            let grant = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO";
            ground.execute(&ground.primary, &format!("CREATE ROLE {role} LOGIN; {grant} {role}")).await;
        }
        ground.sign_in_as(ROLES[0]);
        ground
    }

    /// An instance that is ready, with the replica or without.
    pub async fn instance(&self, name: &str, with_replica: bool, settings: &[(&str, &str)]) -> Instance {
        let mut told = vec![
            ("DATABASE_URL_FILE", self.url_file("primary")),
            ("REDIS_URL", self.redis.url()),
            ("JWT_SECRET", SECRET.to_owned()),
            ("INSTANCE_ID", name.to_owned()),
            // New prices drop what is kept of their holders; that is not what is tried here.
            ("PRICES_EVERY", "1h".to_owned()),
        ];
        told.extend(with_replica.then(|| ("DATABASE_REPLICA_URL_FILE", self.url_file("replica"))));
        let told: Vec<_> = told.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let env = [env(&told), env(settings)].concat();
        Instance::start(name, &self.provisioned.programs.api, &env, &self.folder).await.unwrap()
    }

    /// The credentials rotate as a vault does it: the new ones are told, and a little later the old ones end.
    pub async fn rotate_credentials(&self) {
        let [before, after] = ROLES;
        self.sign_in_as(after);
        tokio::time::sleep(Duration::from_secs(2)).await;
        self.execute(&self.primary, &format!("ALTER ROLE {before} NOLOGIN")).await;
        let end =
            format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{before}'");
        for server in [&self.primary, &self.replica] {
            self.execute(server, &end).await;
        }
    }

    fn sign_in_as(&self, role: &str) {
        for (name, server) in [("primary", &self.primary), ("replica", &self.replica)] {
            std::fs::write(self.url_file(name), server.url_as(role, "postgres")).unwrap();
        }
    }

    fn url_file(&self, server: &str) -> String {
        self.folder.join(format!("{server}.url")).to_string_lossy().into_owned()
    }

    async fn execute(&self, server: &Postgres, statements: &str) {
        let mut psql = Command::new(self.provisioned.servers.postgres_bin.join("psql"));
        psql.args(["-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-c", statements]);
        let output = psql.arg(server.url("postgres")).kill_on_drop(true).output().await.unwrap();
        assert!(output.status.success(), "{statements}: {}", String::from_utf8_lossy(&output.stderr));
    }

    pub async fn stop(self) {
        self.replica.stop().await;
        tokio::join!(self.primary.stop(), self.redis.stop(), self.cluster.stop());
    }
}

fn load(tokens: &Path) -> Vec<User> {
    let text = std::fs::read_to_string(tokens).unwrap();
    let pairs = text.lines().filter_map(|line| line.split_once('\t'));
    pairs
        .map(|(token, portfolio)| User { token: token.to_owned(), portfolio: portfolio.to_owned() })
        .collect()
}
