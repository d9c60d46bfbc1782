//! A caller of the API. Every answer it sees is held against the OpenAPI document, and searched for what no answer may
//! contain.

use std::pin::Pin;

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header::HeaderMap};
use actix_web::test::{TestRequest, init_service, read_body};
use safehold::ids::RequestId;
use serde_json::{Value, json};

use super::{contract, secrecy};

type Sent = Pin<Box<dyn Future<Output = Answer>>>;

pub struct Client {
    send: Box<dyn Fn(TestRequest) -> Sent>,
    token: Option<String>,
    /// What a browser keeps of a session.
    ticket: Option<String>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

impl Client {
    pub async fn new<F, B>(app: actix_web::App<F>, token: Option<String>) -> Self
    where
        F: ServiceFactory<
                ServiceRequest,
                Config = (),
                Response = ServiceResponse<B>,
                Error = actix_web::Error,
                InitError = (),
            > + 'static,
        B: MessageBody + 'static,
    {
        let service = init_service(app).await;
        let send = move |request: TestRequest| -> Sent {
            let answer = service.call(request.to_request());
            Box::pin(async move {
                let response = answer.await.unwrap();
                let (status, headers) = (response.status(), response.headers().clone());
                let body = read_body(response).await;
                let text = String::from_utf8_lossy(&body).into_owned();
                let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
                Answer { status, headers, text, json }
            })
        };
        Self { send: Box::new(send), token, ticket: None }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path, &[], None).await
    }

    /// A request of its own, never made before.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.post_as(path, &RequestId::new().0.to_string(), body).await
    }

    /// A request by this name. `null` is no body.
    pub async fn post_as(&self, path: &str, key: &str, body: Value) -> Answer {
        let body = Some(body).filter(|body| !body.is_null());
        self.request(Method::POST, path, &[("idempotency-key", key)], body).await
    }

    /// Without an `Idempotency-Key`: for what is no creation and no decision.
    pub async fn disclose(&self, path: &str, reason: &str) -> Answer {
        self.request(Method::POST, path, &[], Some(json!({ "reason": reason }))).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.request(Method::PUT, path, &[], Some(body)).await
    }

    pub async fn patch(&self, path: &str, etag: &str, body: Value) -> Answer {
        self.request(Method::PATCH, path, &[("if-match", etag)], Some(body)).await
    }

    pub async fn request(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
        self.send_text(method, path, headers, body.map(|body| body.to_string())).await
    }

    /// Sends a body that need not be JSON.
    pub async fn send_text(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let json = [("content-type", "application/json")];
        let headers = [headers, if body.is_some() { &json } else { &[] }].concat();
        self.send_bytes(method, path, &headers, body.map(String::into_bytes)).await
    }

    /// Sends a body that need not be text, and says nothing about it but what `headers` say.
    pub async fn send_bytes(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Answer {
        let mut request = self.signed(TestRequest::default().method(method.clone()).uri(path));
        for header in headers {
            request = request.append_header(*header);
        }
        if let Some(body) = body {
            request = request.set_payload(body);
        }
        let answer = (self.send)(request).await;
        contract::check(&method, path, &answer);
        secrecy::check(&method, path, &answer);
        answer
    }

    /// Somebody else, or the same with a new token.
    #[must_use]
    pub fn with_token(mut self, token: String) -> Self {
        self.token = Some(token);
        self
    }

    /// The same caller at a browser that keeps this ticket.
    #[must_use]
    pub fn with_ticket(mut self, ticket: Option<String>) -> Self {
        self.ticket = ticket;
        self
    }

    /// A page for people: no document declares it.
    pub async fn page(&self, path: &str) -> Answer {
        let answer = (self.send)(self.signed(TestRequest::default().uri(path))).await;
        if !path.starts_with("/api/") {
            secrecy::check(&Method::GET, path, &answer);
        }
        answer
    }

    /// Fills in a form of ours and sends it. Its proof comes from another page of the same session.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let proof = self.proof().await;
        self.submit_with(path, &[&[("csrf", proof.as_str())], fields].concat(), &[]).await
    }

    /// The proof that stands in every form of this session.
    pub async fn proof(&self) -> String {
        let mut page = self.page(if self.ticket.is_some() { "/account/password" } else { "/sign-in" }).await;
        if page.status == StatusCode::SEE_OTHER {
            page = self.page(page.header("location")).await; // to what completes the sign-in
        }
        let after = page.text.split("name=\"csrf\" value=\"").nth(1).unwrap_or_default();
        after.split('"').next().unwrap().to_owned()
    }

    /// Sends a form exactly as it stands here.
    pub async fn submit_with(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let mut request = self.signed(TestRequest::post().uri(path));
        for header in headers {
            request = request.append_header(*header);
        }
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let answer = (self.send)(request.append_header(kind).set_payload(body.finish())).await;
        let disclosing = ["/identity", "/address", "/telephone"];
        if !disclosing.iter().any(|end| path.ends_with(end)) {
            secrecy::check(&Method::POST, path, &answer);
        }
        answer
    }

    fn signed(&self, request: TestRequest) -> TestRequest {
        let request = match &self.ticket {
            Some(ticket) => request.append_header(("cookie", format!("__Host-session={ticket}"))),
            None => request,
        };
        match &self.token {
            Some(token) => request.append_header(("authorization", format!("Bearer {token}"))),
            None => request,
        }
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name} in {self:?}")).to_str().unwrap()
    }

    /// The answer, if it is a success.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert!(self.status.is_success(), "{} {:#}", self.status, self.json);
        self
    }

    /// A field that is text.
    #[track_caller]
    pub fn text_of(&self, field: &str) -> String {
        self.json[field].as_str().unwrap_or_else(|| panic!("no {field} in {:#}", self.json)).to_owned()
    }

    #[track_caller]
    pub fn id(&self) -> String {
        self.text_of("id")
    }

    #[track_caller]
    pub fn items(&self) -> &[Value] {
        self.json["items"].as_array().unwrap_or_else(|| panic!("no items in {:#}", self.json))
    }

    /// The stable name of the problem, with its status: `409 unit_taken`.
    #[track_caller]
    pub fn problem(&self) -> String {
        let name = self.json["type"].as_str().unwrap_or_else(|| panic!("{} {:#}", self.status, self.json));
        format!("{} {}", self.status.as_u16(), name.rsplit(':').next().unwrap())
    }

    /// Where the request was wrong: `body/bed_spaces`.
    #[track_caller]
    pub fn pointers(&self) -> Vec<String> {
        let errors = self.json["errors"].as_array().unwrap_or_else(|| panic!("{} {:#}", self.status, self.json)).iter();
        errors.map(|error| format!("{}{}", error["in"].as_str().unwrap(), error["pointer"].as_str().unwrap())).collect()
    }
}
