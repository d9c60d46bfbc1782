//! What every request passes: it is named, its caller is recognised and must be allowed, what is refused is recorded, and
//! every answer that is not a success gets its body here, ours and those of the framework.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, web};
use uuid::Uuid;

use super::access::{self, Access};
use super::problem::Problem;
use crate::app::App;
use crate::auth::Actor;
use crate::error::AppError;
use crate::ids::RequestId;

/// On every answer: nothing from anywhere else, in no frame, never guessed at, never kept.
const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    (X_FRAME_OPTIONS, "DENY"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
];

/// The embedded API reference is a program of its own, which styles itself.
const REFERENCE: &str = "/api/reference/";
const REFERENCE_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// # Errors
/// None of its own: whatever goes wrong becomes an answer.
pub async fn gate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = request.extensions().get::<RequestId>().copied().unwrap_or_else(RequestId::new);
    let mut response = match admit(&request, id) {
        Ok(()) => next.call(request).await?.map_into_boxed_body(),
        Err(error) => {
            let (request, _) = request.into_parts();
            ServiceResponse::from_err(error, request)
        }
    };
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        response = told(response, id).await;
    }
    if response.request().path().starts_with(REFERENCE) {
        insert_if_absent(response.headers_mut(), CONTENT_SECURITY_POLICY, REFERENCE_POLICY);
    }
    for (name, value) in HEADERS {
        insert_if_absent(response.headers_mut(), name, value);
    }
    Ok(response)
}

/// Recognises the caller and lets them on if the route is theirs to call.
fn admit(request: &ServiceRequest, id: RequestId) -> Result<(), AppError> {
    let app = request.app_data::<web::Data<App>>().ok_or_else(|| AppError::internal("the application is not there"))?;
    let caller = Actor::of(request.request(), &app.keys.token, app.clock.now(), id);
    let Some(pattern) = request.match_pattern() else { return Err(AppError::NotFound) };
    let Some(access) = access::of(request.method(), &pattern) else {
        let allow = access::methods(&pattern);
        return Err(if allow.is_empty() { AppError::NotFound } else { AppError::MethodNotAllowed { allow } });
    };
    let actor = match access {
        Access::Anybody => caller.unwrap_or_else(|_| Actor::nobody(id)),
        Access::Role(_) => caller?,
    };
    let may = match access {
        Access::Anybody => true,
        Access::Role(action) => actor.may(action),
    };
    request.extensions_mut().insert(actor);
    if may { Ok(()) } else { Err(AppError::Forbidden) }
}

/// The answer with its problem document; the refusal behind it is in the audit.
async fn told(response: ServiceResponse<BoxBody>, id: RequestId) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let error = response.response().error().and_then(|error| error.as_error::<AppError>());
    if let Some(AppError::Internal(cause) | AppError::Unavailable(cause)) = error {
        tracing::error!(request = %id.0, %cause, "failed");
    }
    let problem = error.map_or_else(|| Problem::bare(status), Problem::of);
    let retry_after = match error {
        Some(AppError::Throttled { seconds }) => Some(*seconds),
        _ => None,
    };
    let event = error.and_then(|error| error.event(object(response.request())));
    let allow = match error {
        Some(AppError::MethodNotAllowed { allow }) => Some(allow.join(", ")),
        _ => None,
    };
    let (request, _) = response.into_parts();
    let actor = request.extensions().get::<Actor>().cloned();
    if let (Some(event), Some(actor), Some(app)) = (event, actor, request.app_data::<web::Data<App>>())
        && actor.session.is_some()
        && let Err(error) = app.db.record_refusal(&actor, event).await
    {
        tracing::error!(request = %id.0, %error, "a refusal is not in the audit");
    }
    let mut answer = problem.answer(id, retry_after);
    if let Some(allow) = allow.and_then(|allow| HeaderValue::from_str(&allow).ok()) {
        answer.headers_mut().insert(ALLOW, allow);
    }
    ServiceResponse::new(request, answer)
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
