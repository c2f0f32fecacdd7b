//! What the fleet stands on: LocalStack, and a database and a cache with users in them.

use std::path::Path;

use anyhow::Result;

use crate::host::Image;
use crate::local_cloud::Setup;
use crate::provision::{Provisioned, Steps};
use crate::seed::seed;
use crate::services::{Cloud, Postgres, Redis};

/// The servers beneath the fleet.
#[derive(Debug)]
pub(crate) struct Foundation {
    pub(crate) cloud: Cloud,
    /// What every instance runs, on this foundation.
    pub(crate) image: Image,
    postgres: Postgres,
    redis: Redis,
}

impl Foundation {
    /// Starts all of it, as much as possible at once.
    pub(crate) async fn start(
        provisioned: &Provisioned,
        setup: &Setup,
        folder: &Path,
        steps: &Steps,
    ) -> Result<Self> {
        let (cloud, (postgres, redis, image)) = tokio::try_join!(
            start_cloud(provisioned, setup, folder, steps),
            start_data(provisioned, setup, folder, steps),
        )?;
        Ok(Self { cloud, image, postgres, redis })
    }

    pub(crate) async fn stop(self) {
        tokio::join!(self.cloud.stop(), self.postgres.stop(), self.redis.stop());
    }
}

async fn start_cloud(
    provisioned: &Provisioned,
    setup: &Setup,
    folder: &Path,
    steps: &Steps,
) -> Result<Cloud> {
    let step = steps.begin("LocalStack");
    let cloud = match &setup.endpoint {
        Some(endpoint) => Cloud::at(endpoint).await?,
        None => Cloud::start(&provisioned.venv, folder).await?,
    };
    step.done(&format!("answers at {}", cloud.endpoint()));
    Ok(cloud)
}

async fn start_data(
    provisioned: &Provisioned,
    setup: &Setup,
    folder: &Path,
    steps: &Steps,
) -> Result<(Postgres, Redis, Image)> {
    let mut step = steps.begin("Data");
    let servers = &provisioned.servers;
    let (postgres, redis) =
        tokio::try_join!(Postgres::start(servers, folder), Redis::start(servers, folder))?;
    let image = image(provisioned, &postgres, &redis, folder)?;
    step.doing("migrating and seeding");
    seed(&image.program, &image.env, setup.users, folder).await?;
    step.done(&format!("has {} users in PostgreSQL", setup.users));
    Ok((postgres, redis, image))
}

fn image(provisioned: &Provisioned, postgres: &Postgres, redis: &Redis, folder: &Path) -> Result<Image> {
    let instances = folder.join("instances");
    std::fs::create_dir_all(&instances)?;
    let env = [
        ("DATABASE_URL", postgres.url("postgres")),
        ("REDIS_URL", redis.url()),
        // Guards seeded users on loopback and nothing else.
        ("JWT_SECRET", "the local cloud's secret, of no use elsewhere".to_owned()),
    ];
    let env = env.map(|(name, value)| (name.to_owned(), value)).to_vec();
    Ok(Image { program: provisioned.programs.api.clone(), env, folder: instances })
}
