# The project's verbs. CI runs the same ones.

# What is there to do?
default:
    @just --list

# The main job: everything on this machine, a surge, and a verdict.
demo *words:
    cargo run --bin localstack -- demo {{ words }}

# Sets everything up and runs every test; words go to `cargo test`.
test *words:
    cargo run --bin tests -- {{ words }}

# Formatting and lints, of Rust; those of the extension are in `test`.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Terraform: formatting, validity, every module's tests, checkov; exit code 3 where terraform is not found.
infra:
    infra/check

# All of prod applied to a LocalStack, controlled, abandoned and destroyed; needs `terraform` and `jq`.
rehearse:
    infra/rehearse

# Licences, sources and bans; needs cargo-deny.
deny:
    cargo deny check bans licenses sources

# What CI runs.
ci: test lint
