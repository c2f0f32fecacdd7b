//! The world that a command runs in, as its flags say.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};
use simulator::Plant;
use simulator::engine::Kind;
use simulator::variant::Variant;

#[derive(Debug, Args)]
pub struct WorldArgs {
    /// How the world differs from the standard one; several may hold at once.
    #[arg(long = "variant", value_name = "NAME", num_args = 1.., value_parser = variants())]
    pub variants: Vec<String>,
}

fn variants() -> PossibleValuesParser {
    let value = |variant: &Variant| PossibleValue::new(variant.name()).help(variant.help());
    PossibleValuesParser::new(Variant::ALL.iter().map(value))
}

impl WorldArgs {
    pub fn plant(&self) -> Plant {
        self.on(Plant::default())
    }

    /// The plant with every variant that was chosen.
    pub fn on(&self, plant: Plant) -> Plant {
        let chosen = Variant::ALL.iter().filter(|variant| self.has(**variant));
        chosen.fold(plant, |plant, variant| variant.of(plant))
    }

    pub fn curve_given(&self) -> bool {
        self.has(Variant::CurveGiven)
    }

    pub fn engine(&self) -> Kind {
        if self.has(Variant::RequestsEngine) { Kind::Requests } else { Kind::Fluid }
    }

    fn has(&self, variant: Variant) -> bool {
        self.variants.iter().any(|name| name == variant.name())
    }
}
