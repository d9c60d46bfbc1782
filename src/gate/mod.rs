//! What every request passes: it is named, its caller is recognised and must be allowed, what is refused is recorded, and
//! every answer that is not a success gets its body here, ours and those of the framework.
//!
//! A program shows a token that it has to send itself. A browser shows a ticket in a cookie that it sends by itself: so a
//! form must also prove that it came from one of our own pages.

pub mod access;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    RETRY_AFTER, SET_COOKIE, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, web};
use uuid::Uuid;

use self::access::Access;
use crate::actions;
use crate::api::problem::Problem;
use crate::app::App;
use crate::auth::{Actor, Ticket};
use crate::error::AppError;
use crate::ids::RequestId;
use crate::web::{self as pages, Posted};

/// On every answer: nothing from anywhere else, in no frame, never guessed at, never kept.
const HEADERS: [(HeaderName, &str); 8] = [
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    (X_FRAME_OPTIONS, "DENY"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), display-capture=(), geolocation=(), microphone=()"),
];

/// The pages have a style, a script, pictures and forms, all of them ours; nothing inline.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The embedded API reference is a program of its own, which styles itself.
const REFERENCE: &str = "/api/reference/";
const REFERENCE_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// # Errors
/// None of its own: whatever goes wrong becomes an answer.
pub async fn gate(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = request.extensions().get::<RequestId>().copied().unwrap_or_else(RequestId::new);
    let page = pages::is_page(request.path());
    let mut response = match admit(&mut request, page, id).await {
        Ok(()) => {
            let response = next.call(request).await?.map_into_boxed_body();
            match noted(&response).await {
                Ok(()) => response,
                Err(error) => ServiceResponse::from_err(error, response.into_parts().0),
            }
        }
        Err(error) => {
            let (request, _) = request.into_parts();
            ServiceResponse::from_err(error, request)
        }
    };
    let status = response.status();
    if (status.is_client_error() || status.is_server_error()) && !(page && is_html(&response)) {
        response = told(response, page, id).await;
    }
    if page {
        insert_if_absent(response.headers_mut(), CONTENT_SECURITY_POLICY, PAGE_POLICY);
        renew_ticket(&mut response)?;
    }
    if response.request().path().starts_with(REFERENCE) {
        insert_if_absent(response.headers_mut(), CONTENT_SECURITY_POLICY, REFERENCE_POLICY);
    }
    for (name, value) in HEADERS {
        insert_if_absent(response.headers_mut(), name, value);
    }
    if is_encrypted(response.request()) {
        insert_if_absent(response.headers_mut(), STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
    }
    Ok(response)
}

/// Counts that somebody has read a case, a referral or a stay (S31), and records it when it is open to her only because of
/// an emergency (S17): what cannot be recorded is not answered.
async fn noted(response: &ServiceResponse<BoxBody>) -> Result<(), AppError> {
    let request = response.request();
    let pattern = request.match_pattern().unwrap_or_default();
    let pattern = pattern.strip_prefix("/api/v1").unwrap_or(&pattern);
    let single = ["/cases/{id}", "/referrals/{id}", "/placements/{id}", "/sanctuary-jobs/{id}", "/sanctuary/{id}"];
    let single = single.iter().any(|one| pattern.starts_with(one));
    let looked = *request.method() == Method::GET;
    let disclosed = pattern.ends_with("/identity-disclosures") || pattern.ends_with("/identity"); // records itself
    if !single || !(looked || disclosed) || !response.status().is_success() {
        return Ok(());
    }
    let id = request.match_info().get("id").and_then(|id| id.parse::<Uuid>().ok());
    let actor = request.extensions().get::<Actor>().cloned();
    let app = request.app_data::<web::Data<App>>().cloned();
    let (Some(id), Some(actor), Some(app)) = (id, actor, app) else { return Ok(()) };
    app.db.note_reading(&actor, id);
    if looked && let Some(case) = app.db.read_under_emergency(&actor, id).await? {
        app.db.write(&actor, move |tx| actions::emergency::record_use(tx, case)).await?;
    }
    Ok(())
}

/// Whether a page has already said what is wrong.
fn is_html(response: &ServiceResponse<BoxBody>) -> bool {
    let kind = response.headers().get(actix_web::http::header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// Whether the browser spoke to the proxy in front of us in private.
fn is_encrypted(request: &HttpRequest) -> bool {
    let proxied = request.app_data::<web::Data<App>>().is_some_and(|app| app.behind_proxy);
    proxied && request.headers().get("x-forwarded-proto").is_some_and(|scheme| scheme.as_bytes() == b"https")
}

/// A session that is used goes on: the browser is handed the ticket with its time moved on, once a minute at most.
fn renew_ticket(response: &mut ServiceResponse<BoxBody>) -> Result<(), AppError> {
    let request = response.request().clone();
    let extensions = request.extensions();
    let (Some(ticket), Some(app)) = (extensions.get::<Ticket>(), request.app_data::<web::Data<App>>()) else {
        return Ok(());
    };
    let settled = response.headers().contains_key(SET_COOKIE) || request.headers().contains_key(pages::PART);
    if settled || response.status() == StatusCode::UNAUTHORIZED || response.status().is_server_error() {
        return Ok(());
    }
    let renewed = ticket.clone().used(app.clock.now());
    if renewed.page.exp - ticket.page.exp >= 60 {
        pages::sessions::hand_over(response.response_mut(), app, &renewed)?;
    }
    Ok(())
}

/// Recognises the caller and lets them on if the route is theirs to call.
async fn admit(request: &mut ServiceRequest, page: bool, id: RequestId) -> Result<(), AppError> {
    let app = request.app_data::<web::Data<App>>().ok_or_else(|| AppError::internal("the application is not there"))?;
    let app = app.clone();
    let ticket = if page { pages::sessions::ticket(request.request(), &app).ok() } else { None };
    let now = app.clock.now();
    let caller = match (&ticket, page) {
        (Some(ticket), true) => Actor::of_ticket(ticket, now, id),
        (None, true) => Err(AppError::Unauthenticated),
        (_, false) => Actor::of(request.request(), &app.keys.token, now, id),
    };
    let Some(pattern) = request.match_pattern() else {
        request.extensions_mut().insert(caller.unwrap_or_else(|_| Actor::nobody(id)));
        return Err(AppError::NotFound);
    };
    let Some(access) = access::of(request.method(), &pattern) else {
        let allow = access::methods(&pattern);
        return Err(if allow.is_empty() { AppError::NotFound } else { AppError::MethodNotAllowed { allow } });
    };
    if page && *request.method() == Method::POST {
        read_form(request, &app, ticket.as_ref()).await?;
    }
    let mut actor = match access {
        Access::Anybody => caller.unwrap_or_else(|_| Actor::nobody(id)),
        Access::HalfIn | Access::Role(_) => caller?,
    };
    let allowed = match access {
        Access::Anybody | Access::HalfIn => Ok(()),
        Access::Role(_) if actor.is_half_in() => Err(AppError::SecondFactorRequired),
        Access::Role(action) if actor.may(action) => Ok(()),
        Access::Role(_) => Err(AppError::Forbidden),
    };
    if let (Access::Anybody | Access::HalfIn, Some(session)) = (access, &mut actor.session) {
        session.completing = true;
    }
    if let Some(ticket) = ticket.filter(|_| actor.session.is_some()) {
        request.extensions_mut().insert(ticket);
    }
    request.extensions_mut().insert(actor);
    allowed
}

/// Reads a form and makes sure that one of our own pages sent it, in this session. (S28)
async fn read_form(request: &mut ServiceRequest, app: &App, ticket: Option<&Ticket>) -> Result<(), AppError> {
    if request.content_type() != "application/x-www-form-urlencoded" || is_foreign(request.headers()) {
        return Err(AppError::Forbidden);
    }
    let body =
        request.extract::<web::Bytes>().await.map_err(|error| match error.as_response_error().status_code() {
            StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge,
            _ => AppError::Forbidden,
        })?;
    let posted = Posted::new(request.path(), String::from_utf8_lossy(&body).into_owned());
    let session = ticket.map(|ticket| ticket.page.session);
    let token = posted.get(pages::CSRF);
    // A page that was opened before the sign-in has a form of nobody's session; that is good for signing in only.
    let ours = pages::sessions::is_ours(app, session, token)
        || (request.path() == "/sign-in" && pages::sessions::is_ours(app, None, token));
    if !ours {
        return Err(AppError::Forbidden);
    }
    request.extensions_mut().insert(posted);
    Ok(())
}

/// Whether the browser says that another site sends this.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text(&HeaderName::from_static("sec-fetch-site"));
    if site.is_some_and(|site| !["same-origin", "none"].contains(&site)) {
        return true;
    }
    match (text(&ORIGIN), text(&HOST)) {
        (Some("null"), _) => false, // what our own pages send, for they say nothing of themselves: `no-referrer`
        (Some(origin), Some(host)) => origin.split_once("://").is_none_or(|(_, from)| from != host),
        _ => false,
    }
}

/// The answer with its problem document, or its page; the refusal behind it is in the audit.
async fn told(response: ServiceResponse<BoxBody>, page: bool, id: RequestId) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let error = response.response().error().and_then(|error| error.as_error::<AppError>());
    if let Some(AppError::Internal(cause) | AppError::Unavailable(cause)) = error {
        tracing::error!(request = %id.0, %cause, "failed");
    }
    let event = error.and_then(|error| error.event(object(response.request())));
    let actor = response.request().extensions().get::<Actor>().cloned();
    if let (Some(event), Some(actor), Some(app)) =
        (event, actor, response.request().app_data::<web::Data<App>>().cloned())
        && actor.session.is_some()
        && let Err(error) = app.db.record_refusal(&actor, event).await
    {
        tracing::error!(request = %id.0, %error, "a refusal is not in the audit");
    }
    let mut answer = if page {
        pages::errors::answer(response.request(), error, status, id)
    } else {
        error.map_or_else(|| Problem::bare(status), Problem::of).answer(id)
    };
    add_headers(&mut answer, error);
    let (request, _) = response.into_parts();
    ServiceResponse::new(request, answer)
}

fn add_headers(answer: &mut HttpResponse, error: Option<&AppError>) {
    match error {
        Some(AppError::MethodNotAllowed { allow }) => {
            if let Ok(allow) = HeaderValue::from_str(&allow.join(", ")) {
                answer.headers_mut().insert(ALLOW, allow);
            }
        }
        Some(AppError::Throttled { seconds } | AppError::Slowed { seconds }) => {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
        }
        _ if answer.status() == StatusCode::SERVICE_UNAVAILABLE => {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(1));
        }
        _ => {}
    }
}

/// The last id in the path: what the request was about.
fn object(request: &HttpRequest) -> Uuid {
    request.path().rsplit('/').find_map(|part| part.parse().ok()).unwrap_or_default()
}

fn insert_if_absent(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
