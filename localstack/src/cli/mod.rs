//! What each command does with its options.

mod compare;
mod demo;
mod figures;
mod world;

pub(crate) use compare::{CompareArgs, compare};
pub(crate) use demo::{DemoArgs, demo};
use figures::Figures;
use world::World;
