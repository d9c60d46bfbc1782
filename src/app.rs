//! The application: what it holds and how its service is put together, the same for `main` and for the tests.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{Error, web};
use tracing_actix_web::TracingLogger;
use utoipa_actix_web::AppExt;

use crate::api;
use crate::clock::Clock;
use crate::db::Db;
use crate::feed::Feed;
use crate::gate;
use crate::mail::Mailer;
use crate::settings::{Keys, Policy};
use crate::telemetry::Requests;

/// How large a request body may be, in bytes.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;

/// What handlers need.
#[derive(Clone)]
pub struct App {
    pub db: Db,
    pub feed: Feed,
    pub clock: Clock,
    pub keys: Keys,
    pub policy: Policy,
    pub mailer: Mailer,
    /// Where people reach the pages: `https://safehold.example.org`.
    pub public_url: String,
    /// Where the ends of the audit's chain are kept.
    pub audit_head_file: Option<std::path::PathBuf>,
    /// Whether to believe `X-Forwarded-For`.
    pub behind_proxy: bool,
}

impl App {
    /// The whole service: routes, and the layers around them.
    pub fn service(
        self,
    ) -> actix_web::App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody>,
            Error = Error,
            InitError = (),
        >,
    > {
        actix_web::App::new()
            .into_utoipa_app()
            .app_data(web::Data::new(self))
            .app_data(web::PayloadConfig::new(BODY_LIMIT))
            .configure(api::routes)
            .into_app()
            .configure(api::documentation)
            .configure(crate::web::routes)
            .wrap(from_fn(gate::gate))
            .wrap(TracingLogger::<Requests>::new())
    }
}
