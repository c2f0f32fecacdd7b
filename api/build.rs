//! What cargo cannot know by itself.

fn main() {
    // The migrations are embedded by a macro, unseen by cargo.
    println!("cargo:rerun-if-changed=migrations");
    // Queries are checked against .sqlx unless somebody says otherwise: a DATABASE_URL that is meant for the program
    // must not decide whether it compiles.
    println!("cargo:rerun-if-env-changed=SQLX_OFFLINE");
    if std::env::var_os("SQLX_OFFLINE").is_none() {
        println!("cargo:rustc-env=SQLX_OFFLINE=true");
    }
}
