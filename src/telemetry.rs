//! What the log says: for each request its method, its route, its status and its id. Never a query, a body or a name.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpMessage};
use tracing::Span;
use tracing::field::Empty;
use tracing_actix_web::RootSpanBuilder;
use tracing_subscriber::EnvFilter;

use crate::ids::RequestId;

/// Begins to write the log to standard error, as `RUST_LOG` asks; warnings only unless it does.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().json().with_writer(std::io::stderr).with_env_filter(filter).init();
}

/// Names each request, for the log, the audit and its answer alike.
pub struct Requests;

impl RootSpanBuilder for Requests {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let id = RequestId::new();
        request.extensions_mut().insert(id);
        let route = request.match_pattern().unwrap_or_default();
        tracing::info_span!("request", id = %id.0, method = %request.method(), route, status = Empty)
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        if let Ok(response) = outcome {
            span.record("status", response.status().as_u16());
            span.in_scope(|| tracing::info!("answered"));
        }
    }
}
