//! The links that people are sent, and what else they are told, read past the application.

use diesel::prelude::*;
use diesel::sql_types::Text;
use safehold::db::Conn;
use safehold::ids::LinkId;
use uuid::Uuid;

use super::{TestApp, world};

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    id: String,
}

fn ids(conn: &mut Conn, column: &str, rest: &str) -> Vec<Uuid> {
    let text = match conn {
        Conn::Postgres(_) => format!("{column}::text"),
        Conn::Sqlite(_) => format!("hex({column})"),
    };
    let found: Vec<Found> = diesel::sql_query(format!("SELECT {text} AS id {rest}")).load(conn).unwrap();
    found.into_iter().map(|row| row.id.parse().unwrap()).collect()
}

/// The secrets of the links that were made for an address, the newest first.
pub fn secrets(conn: &mut Conn, email: &str) -> Vec<String> {
    let rest = format!(
        "FROM account_link AS link JOIN account ON account.id = link.account_id
         WHERE account.email = '{email}' ORDER BY link.created_at DESC, link.id DESC"
    );
    ids(conn, "link.id", &rest).into_iter().map(|id| world::keys().token.link(LinkId(id))).collect()
}

impl TestApp {
    /// The secret of the newest link that was made for an address.
    pub fn link(&self, email: &str) -> String {
        secrets(&mut self.raw(), email).into_iter().next().unwrap_or_else(|| panic!("no link for {email}"))
    }

    /// What the outside has yet to be told of a topic.
    pub fn notices(&self, topic: &str) -> Vec<Uuid> {
        ids(&mut self.raw(), "subject_id", &format!("FROM outbox WHERE topic = '{topic}' ORDER BY id"))
    }
}
