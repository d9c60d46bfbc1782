//! A caller over real HTTP.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::Request;

use crate::ids::RequestId;

/// Somebody who calls a server, by the API or at a browser.
#[derive(Clone)]
pub struct Caller {
    agent: Agent,
    server: String,
    /// The header that says who it is.
    credential: Option<(&'static str, String)>,
}

/// What the server said.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// In lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Caller {
    /// Somebody who is not signed in.
    pub fn stranger(server: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(Duration::from_secs(20)))
            .build();
        Self { agent: config.into(), server: server.trim_end_matches('/').to_owned(), credential: None }
    }

    pub fn with_token(&self, token: &str) -> Self {
        Self { credential: Some(("authorization", format!("Bearer {token}"))), ..self.clone() }
    }

    pub fn with_ticket(&self, ticket: &str) -> Self {
        Self { credential: Some(("cookie", format!("__Host-session={ticket}"))), ..self.clone() }
    }

    /// # Errors
    /// When there is no answer, in words.
    pub fn get(&self, path: &str) -> Result<Answer, String> {
        self.send("GET", path, &[], None)
    }

    /// # Errors
    /// As [`Caller::get`].
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer, String> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.server));
        if let Some((name, value)) = &self.credential {
            request = request.header(*name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = if method == "GET" {
            self.agent.run(request.body(()).map_err(|error| error.to_string())?)
        } else {
            let once = RequestId::new().0.to_string();
            let request = request.header("content-type", "application/json").header("idempotency-key", once);
            let body = body.map(Value::to_string).unwrap_or_default();
            self.agent.run(request.body(body).map_err(|error| error.to_string())?)
        };
        let mut answer = answer.map_err(|error| format!("{method} {path}: {error}"))?;
        let headers = answer.headers().iter();
        let headers = headers
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        let headers = headers.collect();
        let body = answer.body_mut().read_to_vec().map_err(|error| format!("{method} {path}: {error}"))?;
        Ok(Answer { status: answer.status().as_u16(), headers, body })
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// All of it, to be searched.
    pub fn whole(&self) -> Vec<u8> {
        let head: String =
            self.headers.iter().fold(String::new(), |text, (name, value)| format!("{text}{name}: {value}\n"));
        [head.as_bytes(), &self.body].concat()
    }
}
