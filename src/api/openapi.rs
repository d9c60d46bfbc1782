//! The OpenAPI document, made by the router itself.

use actix_web::App;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi, openapi};
use utoipa_actix_web::AppExt;

use super::problem::Problem;
use crate::domain::permission::Action;
use crate::gate::access::{Access, ROUTES};

/// What the routes do not say themselves.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Safehold",
        version = "1",
        description = "Vacancies and referrals for domestic-abuse safe accommodation. Every answer that is not a \
            success is a problem document (RFC 9457) whose `type` is stable. Instants are UTC, days are those of England."
    ),
    tags(
        (name = "sessions", description = "Signing in and out, and one's own account."),
        (name = "vacancies", description = "Posting vacancies, standing by them, finding them."),
        (name = "cases", description = "A household's search for safety; who they are is sealed apart."),
        (name = "risk", description = "How great the danger is, and what is done about it."),
        (name = "timeline", description = "What happened to a household, and what people write about it."),
        (name = "journeys", description = "A story that is told once: what a survivor agrees to share with another organisation."),
        (name = "tasks", description = "What somebody has to do, and by when."),
        (name = "matching", description = "Which vacancies fit a household, and everything that speaks against the others."),
        (name = "occupancy", description = "Holds and voids: what a unit is doing beside being lived in."),
        (name = "referrals", description = "Asking a service to take a household, and the answer."),
        (name = "placements", description = "Stays, from the day a household is expected to the day it leaves."),
        (name = "sanctuary", description = "Homes that are made safe, so that a household can stay."),
        (name = "reports", description = "Figures from the records of one's own organisation."),
        (name = "releases", description = "What is published of everybody's records: rounded, and nobody can be told apart."),
        (name = "services", description = "What providers run."),
        (name = "rules", description = "The rules by which providers take households: of all their services, of one, of a home, of a vacancy."),
        (name = "units", description = "Homes, what each is doing, and where it is: sealed apart."),
        (name = "reference", description = "Code lists and areas."),
        (name = "accounts", description = "The people who work with Safehold."),
        (name = "organisations", description = "Providers, referrers, commissioners, and the operator."),
        (name = "mail", description = "What people are told by mail, and what they want to be told."),
        (name = "health", description = "Whether the service is alive, and whether it can do its work.")
    ),
    components(schemas(Problem)),
    modifiers(&Security)
)]
struct Frame;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("token", token);
    }
}

/// The document of every route that [`super::routes`] declares.
pub fn document() -> openapi::OpenApi {
    let app = App::new().into_utoipa_app().openapi(Frame::openapi()).configure(super::routes);
    let mut document = app.split_for_parts().1;
    for (method, path, access) in ROUTES {
        let Some(item) = document.paths.paths.get_mut(*path) else { continue };
        let operation = match *method {
            "GET" => &mut item.get,
            "POST" => &mut item.post,
            "PUT" => &mut item.put,
            "PATCH" => &mut item.patch,
            _ => &mut item.delete,
        };
        let Some(operation) = operation else { continue };
        operation.operation_id = Some(operation_id(method, path));
        let needed = match access {
            Access::Role(action) => Some(*action),
            Access::HalfIn => Some(Action::BeSignedIn),
            Access::Anybody => None,
        };
        if let Some(action) = needed {
            let roles: Vec<_> = action.roles().iter().map(|role| role.as_str()).collect();
            let note = format!("Roles: {}.", roles.join(", "));
            operation.description = Some(match operation.description.take() {
                Some(description) => format!("{description}\n\n{note}"),
                None => note,
            });
        }
    }
    document
}

/// `post_cases_id_referrals`: the handlers' own names are not unique.
fn operation_id(method: &str, path: &str) -> String {
    let words = path.trim_start_matches("/api/v1").split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    format!("{}_{}", method.to_lowercase(), words.join("_"))
}
