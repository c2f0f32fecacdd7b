//! The world that a command runs in, as its flags say.

use clap::Args;
use clap::builder::PossibleValuesParser;
use simulator::Plant;
use simulator::engine::Kind;
use simulator::variant::Variant;

#[derive(Debug, Args)]
pub struct WorldArgs {
    /// How the world differs from the standard one; several may hold at once.
    #[arg(long = "variant", value_name = "NAME", num_args = 1.., value_parser = variants())]
    pub variants: Vec<String>,
    /// How requests are served: by formula, or one by one.
    #[arg(long, value_name = "NAME", default_value = Kind::Fluid.name(), value_parser = engines())]
    engine: String,
}

fn variants() -> PossibleValuesParser {
    PossibleValuesParser::new(Variant::ALL.iter().map(|variant| variant.name()))
}

fn engines() -> PossibleValuesParser {
    PossibleValuesParser::new(Kind::ALL.iter().map(|kind| kind.name()))
}

impl WorldArgs {
    pub fn plant(&self) -> Plant {
        let chosen = Variant::ALL.iter().filter(|variant| self.has(**variant));
        chosen.fold(Plant::default(), |plant, variant| variant.of(plant))
    }

    pub fn curve_given(&self) -> bool {
        self.has(Variant::CurveGiven)
    }

    pub fn engine(&self) -> Kind {
        let named = Kind::ALL.iter().find(|kind| kind.name() == self.engine);
        named.copied().unwrap_or_default()
    }

    fn has(&self, variant: Variant) -> bool {
        self.variants.iter().any(|name| name == variant.name())
    }
}
