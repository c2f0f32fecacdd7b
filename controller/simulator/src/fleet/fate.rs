//! What chance decides about an instance: a draw by the seed and its number, the same whatever happened before it.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};

use crate::plant::{Boot, Plant};

/// Each question has a stream of draws of its own; that of the boots is the standard plant's.
#[derive(Clone, Copy)]
enum Stream {
    Boot = 0,
    Refusal = 1,
    HealthCheck = 2,
}

fn random(stream: Stream, seed: u64, index: u64) -> StdRng {
    // Any odd multiplier keeps indices apart; this one is the golden ratio's, as in SplitMix64.
    let mixed = seed ^ index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    StdRng::seed_from_u64(mixed ^ (stream as u64) << 32)
}

/// The boot time of the launch with this index.
pub(super) fn boot_s(boot: Boot, seed: u64, index: u64) -> f64 {
    let normal: f64 = StandardNormal.sample(&mut random(Stream::Boot, seed, index));
    boot.median_s * (boot.sigma() * normal).exp()
}

/// Whether this attempt to launch is refused.
pub(super) fn is_refused(plant: &Plant, seed: u64, attempt: u64) -> bool {
    happens(plant.faults.refused_share, Stream::Refusal, seed, attempt)
}

/// Whether the launch with this index passes its health checks once it has booted.
pub(super) fn passes_health_checks(plant: &Plant, seed: u64, index: u64) -> bool {
    !happens(plant.faults.unhealthy_share, Stream::HealthCheck, seed, index)
}

fn happens(probability: f64, stream: Stream, seed: u64, index: u64) -> bool {
    probability > 0.0 && random(stream, seed, index).random::<f64>() < probability
}
