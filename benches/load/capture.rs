//! Which SQL a request is: read from the log of the database.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// A statement as the server has sent it, and what it has sent with it.
#[derive(Debug, PartialEq, Eq)]
pub struct Statement {
    pub sql: String,
    /// `None` is NULL.
    pub parameters: Vec<Option<String>>,
}

/// The log of the database, read from where the last look ended.
pub struct Log {
    path: PathBuf,
    end: u64,
}

impl Log {
    /// That of the server whose socket is in this folder.
    pub fn of(folder: &Path) -> Self {
        let mut log = Self { path: folder.join("server.log"), end: 0 };
        log.rest();
        log
    }

    /// Passes over what was logged up to now.
    pub fn skip(&mut self) {
        self.rest();
    }

    /// The statements of the one request since the last look, without those of the worker.
    pub fn statements(&mut self) -> Vec<Statement> {
        let mut found = Vec::new();
        let mut of_worker = false;
        for statement in parse(&self.rest()) {
            let sql = statement.sql.as_str();
            of_worker |= sql == "BEGIN ISOLATION LEVEL READ COMMITTED";
            let ends = of_worker && (sql == "COMMIT" || sql == "ROLLBACK");
            if !of_worker {
                found.push(statement);
            }
            of_worker &= !ends;
        }
        found
    }

    fn rest(&mut self) -> String {
        let told = |error| format!("{}: {error}; the benchmark needs the server of tests/run", self.path.display());
        let mut file = File::open(&self.path).map_err(told).unwrap();
        file.seek(SeekFrom::Start(self.end)).unwrap();
        let mut text = String::new();
        self.end += u64::try_from(file.read_to_string(&mut text).unwrap()).unwrap();
        text
    }
}

/// Every `LOG: execute NAME: SQL` and `LOG: statement: SQL`, with the `DETAIL: parameters: …` that may follow.
fn parse(log: &str) -> Vec<Statement> {
    let mut statements: Vec<Statement> = Vec::new();
    let mut pending = None;
    for line in log.replace("\n\t", "\n").lines() {
        if let Some((_, logged)) = line.split_once("LOG:  ") {
            pending = None;
            let sql = logged.strip_prefix("statement: ");
            let sql = sql.or_else(|| logged.strip_prefix("execute ")?.split_once(": ").map(|(_, sql)| sql));
            if let Some(sql) = sql {
                statements.push(Statement { sql: sql.to_owned(), parameters: Vec::new() });
                pending = Some(());
            }
        } else if let Some((_, detail)) = line.split_once("DETAIL:  ")
            && pending.is_some()
            && let Some((_, list)) = detail.split_once("arameters: ")
        {
            statements.last_mut().unwrap().parameters = parameters(list);
        }
    }
    statements
}

/// `$1 = 'it''s', $2 = NULL`
fn parameters(list: &str) -> Vec<Option<String>> {
    let mut found = Vec::new();
    let mut rest = list;
    while let Some((_, after)) = rest.split_once(" = ") {
        if let Some(quoted) = after.strip_prefix('\'') {
            let mut value = String::new();
            let mut text = quoted;
            loop {
                let (part, beyond) = text.split_once('\'').expect("a closing quote");
                value.push_str(part);
                text = beyond;
                let Some(beyond) = text.strip_prefix('\'') else { break };
                value.push('\'');
                text = beyond;
            }
            found.push(Some(value));
            rest = text;
        } else {
            rest = after.strip_prefix("NULL").expect("a quoted value or NULL");
            found.push(None);
        }
    }
    found
}
