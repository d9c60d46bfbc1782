//! Both databases have the same tables, and every migration can be taken back.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use rstest::rstest;
use safehold::actions::vacancies;
use safehold::db::{Conn, DatabaseUrl, Db};
use safehold::ids::RequestId;
use safehold::settings::Policy;

use crate::support::database::TestDatabase;
use crate::support::world::keys;
use crate::support::{Engine, Postgres, Sqlite, TestApp};

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    relation: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    required: bool,
}

fn columns(conn: &mut Conn) -> BTreeSet<Column> {
    let query = match conn {
        Conn::Postgres(_) => {
            "SELECT table_name::text AS relation, column_name::text AS name, is_nullable = 'NO' AS required
             FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
             WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'"
        }
        Conn::Sqlite(_) => {
            "SELECT t.name AS relation, c.name AS name, c.\"notnull\" OR c.pk > 0 AS required
             FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table'"
        }
    };
    let columns: Vec<Column> = diesel::sql_query(query).load(conn).unwrap();
    columns.into_iter().filter(|column| column.relation != "__diesel_schema_migrations").collect()
}

#[rstest]
fn every_migration_can_be_taken_back_and_made_again(#[values(Sqlite, Postgres)] on: Engine) {
    let database = TestDatabase::bare(on);
    let mut conn = database.open();
    conn.migrate().unwrap();
    let first = columns(&mut conn);
    conn.unmigrate().unwrap();
    assert_eq!(columns(&mut conn), BTreeSet::new());
    conn.migrate().unwrap();
    assert_eq!(columns(&mut conn), first);
}

#[rstest]
fn both_databases_have_the_same_columns(#[values(Postgres)] other: Engine) {
    assert_eq!(columns(&mut TestDatabase::new(other).0.open()), columns(&mut TestDatabase::new(Sqlite).0.open()));
}

/// S21
#[rstest]
#[actix_web::test]
async fn s21_the_role_of_the_application_can_add_to_the_audit_and_not_change_it(#[values(Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let role = format!("app_{}", RequestId::new().0.simple());
    app.raw().batch_execute(&format!("CREATE ROLE {role} LOGIN")).unwrap();
    app.raw().grant(&role).unwrap();
    let DatabaseUrl::Postgres(url) = app.url() else { panic!("this is about PostgreSQL") };
    let url: DatabaseUrl = url.replacen("//safehold@", &format!("//{role}@"), 1).parse().unwrap();

    let db = Db::new(url.clone(), 2, app.clock.clone(), keys(), Policy::default());
    let unit = app.world.a1;
    db.write(&app.actor("refuge_worker"), move |tx| vacancies::post(tx, unit, None)).await.unwrap();
    for crime in
        ["UPDATE audit_event SET action = 'x'", "DELETE FROM audit_link", "TRUNCATE rule_set", "DELETE FROM case_note"]
    {
        let error = url.open().unwrap().batch_execute(crime).unwrap_err();
        assert!(error.to_string().contains("permission denied"), "{crime}: {error}");
    }
    app.raw().batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).unwrap();
}
