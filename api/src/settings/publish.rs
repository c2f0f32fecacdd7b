//! CloudWatch.

use clap::Args;

use crate::observed::CloudWatchSettings;

/// What is published to CloudWatch.
#[derive(Clone, Debug, Args)]
pub struct PublishSettings {
    /// Publish the dashboard's latency and demand every 10 s in this namespace
    #[arg(long, env = "CLOUDWATCH_NAMESPACE", value_name = "NAME")]
    pub cloudwatch_namespace: Option<String>,
    /// The value of the dimension Service there
    #[arg(long, env = "CLOUDWATCH_SERVICE", default_value = "exstrat-api", value_name = "NAME")]
    pub cloudwatch_service: String,
}

impl PublishSettings {
    /// Where to publish, if anywhere.
    pub fn cloud_watch(&self) -> Option<CloudWatchSettings> {
        let namespace = self.cloudwatch_namespace.clone()?;
        Some(CloudWatchSettings { namespace, service: self.cloudwatch_service.clone() })
    }
}
