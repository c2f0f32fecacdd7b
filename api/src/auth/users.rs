//! The table `User`.

use schemars::JsonSchema;
use serde::Serialize;
use sqlx::PgPool;

use crate::field::{Email, Name};
use crate::id::{Id, Kind};
use crate::timestamp::Timestamp;

/// A user as the front end reads them.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    pub(super) id: String,
    pub(super) email: String,
    first_name: Option<String>,
    last_name: Option<String>,
    created_at: Timestamp,
}

impl Kind for User {
    const NAME: &'static str = "User";
    const PARAMETER: &'static str = "userId";
}

/// A user with the hash that their password is compared with.
pub(super) struct Account {
    pub(super) user: User,
    pub(super) password_hash: String,
}

/// Inserts a user, whose address is kept in small letters; none where it is taken.
pub(super) async fn insert(
    pool: &PgPool,
    email: &Email,
    password_hash: &str,
    first_name: Option<&Name>,
    last_name: Option<&Name>,
) -> sqlx::Result<Option<User>> {
    let (id, email) = (Id::<User>::fresh(), email.in_small_letters());
    sqlx::query_as!(
        User,
        r#"
        INSERT INTO "User" (id, email, password, "firstName", "lastName")
        SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT FROM "User" WHERE lower(email) = lower($2))
        ON CONFLICT (email) DO NOTHING
        RETURNING id, email, "firstName" AS first_name, "lastName" AS last_name, "createdAt" AS "created_at: Timestamp"
        "#,
        id.as_str(),
        email.as_str(),
        password_hash,
        first_name.map(Name::as_str),
        last_name.map(Name::as_str),
    )
    .fetch_optional(pool)
    .await
}

/// The account of this address; of several in an older database the one that is written just so.
pub(super) async fn by_email(pool: &PgPool, email: &Email) -> sqlx::Result<Option<Account>> {
    let row = sqlx::query!(
        r#"
        SELECT id, email, password, "firstName" AS first_name, "lastName" AS last_name,
               "createdAt" AS "created_at: Timestamp"
        FROM "User" WHERE lower(email) = lower($1) ORDER BY email = $1 DESC, "createdAt", id LIMIT 1
        "#,
        email.as_str()
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Account {
        user: User {
            id: row.id,
            email: row.email,
            first_name: row.first_name,
            last_name: row.last_name,
            created_at: row.created_at,
        },
        password_hash: row.password,
    }))
}

pub(super) async fn by_id(pool: &PgPool, id: &str) -> sqlx::Result<Option<User>> {
    sqlx::query_as!(
        User,
        r#"
        SELECT id, email, "firstName" AS first_name, "lastName" AS last_name, "createdAt" AS "created_at: Timestamp"
        FROM "User" WHERE id = $1
        "#,
        id
    )
    .fetch_optional(pool)
    .await
}

/// Stores another hash of the same password, unless the password was changed meanwhile.
pub(super) async fn rehash(pool: &PgPool, account: &Account, password_hash: &str) -> sqlx::Result<()> {
    sqlx::query!(
        r#"UPDATE "User" SET password = $3 WHERE id = $1 AND password = $2"#,
        account.user.id,
        account.password_hash,
        password_hash
    )
    .execute(pool)
    .await?;
    Ok(())
}
