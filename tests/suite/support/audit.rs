//! What the audit says, read past the application.

use diesel::prelude::*;
use diesel::sql_types::Text;
use safehold::db::Conn;
use uuid::Uuid;

use super::TestApp;

/// An event of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub account: Uuid,
    pub organisation: Uuid,
    pub request: Uuid,
    pub action: String,
    pub kind: String,
    pub object: Uuid,
    pub fields: String,
    pub reason: String,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    account: String,
    #[diesel(sql_type = Text)]
    organisation: String,
    #[diesel(sql_type = Text)]
    request: String,
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    object: String,
    #[diesel(sql_type = Text)]
    fields: String,
    #[diesel(sql_type = Text)]
    reason: String,
}

impl TestApp {
    /// Every event in the order of its making, those of the making of the world first.
    pub fn audit(&self) -> Vec<Record> {
        let mut conn = self.raw();
        let text = |column: &str| match conn {
            Conn::Postgres(_) => format!("{column}::text"),
            Conn::Sqlite(_) => format!("hex({column})"),
        };
        let query = format!(
            "SELECT {} AS account, {} AS organisation, {} AS request, action, object AS kind, {} AS object, fields, reason
             FROM audit_event ORDER BY id",
            text("account_id"),
            text("organisation_id"),
            text("request_id"),
            text("object_id")
        );
        let rows: Vec<Row> = diesel::sql_query(query).load(&mut conn).unwrap();
        rows.into_iter().map(Record::from).collect()
    }

    /// The events that came after the first `known` ones.
    pub fn audit_after(&self, known: usize) -> Vec<Record> {
        self.audit().split_off(known)
    }
}

impl From<Row> for Record {
    fn from(row: Row) -> Self {
        let id = |text: String| text.parse().unwrap();
        Self {
            account: id(row.account),
            organisation: id(row.organisation),
            request: id(row.request),
            action: row.action,
            kind: row.kind,
            object: id(row.object),
            fields: row.fields,
            reason: row.reason,
        }
    }
}
