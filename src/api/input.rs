//! What a handler takes from a request. Unknown, missing and mistyped input is refused with a pointer to the field.

use std::future::{Ready, ready};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::IF_MATCH;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use garde::Validate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

use super::sound::{Sound, storable};
use crate::app::App;
use crate::auth::TokenKey;
use crate::db::IdempotencyKey;
use crate::error::{AppError, Part, pointer};

/// A JSON body of which every rule holds.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + Validate<Context = ()> + 'static> FromRequest for Body<T> {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, AppError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let json = ["", "application/json"].contains(&request.content_type());
        let bytes = web::Bytes::from_request(request, payload);
        Box::pin(async move {
            if !json {
                return Err(AppError::field(Part::Header, "/content-type", "unsupported", &"send application/json"));
            }
            let bytes = bytes.await.map_err(|error| match error.as_response_error().status_code() {
                StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge,
                _ => AppError::field(Part::Body, "", "unreadable", &error),
            })?;
            let mut json = serde_json::Deserializer::from_slice(&bytes);
            serde_path_to_error::deserialize(&mut json).map(|Sound| ()).map_err(|error| misread(Part::Body, &error))?;
            if bytes.trim_ascii_start().first() != Some(&b'{') {
                return Err(AppError::field(Part::Body, "", "malformed", &"send a JSON object")); // serde takes a list too
            }
            let mut json = serde_json::Deserializer::from_slice(&bytes);
            let value = serde_path_to_error::deserialize(&mut json).map_err(|error| misread(Part::Body, &error))?;
            json.end().map_err(|error| AppError::field(Part::Body, "", "malformed", &error))?;
            valid(Part::Body, value).map(Self)
        })
    }
}

/// Query parameters of which every rule holds.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Validate<Context = ()>> FromRequest for Query<T> {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        for (name, value) in form_urlencoded::parse(request.query_string().as_bytes()) {
            if !storable(&value) {
                let message = "a text cannot hold the character NUL";
                return ready(Err(AppError::field(Part::Query, &format!("/{name}"), "malformed", &message)));
            }
        }
        let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(request.query_string().as_bytes()));
        let value = serde_path_to_error::deserialize(pairs).map_err(|error| misread(Part::Query, &error));
        ready(value.and_then(|value| valid(Part::Query, value)).map(Self))
    }
}

fn misread<E: std::fmt::Display>(part: Part, error: &serde_path_to_error::Error<E>) -> AppError {
    let mut path = pointer(error.path());
    let message = error.inner().to_string();
    // Of an unknown field, serde names the place where it stands; of a missing one too. People want the field.
    for (found, suffix) in [("unknown field `", "`"), ("missing field `", "`"), ("duplicate field `", "`")] {
        let field = message.strip_prefix(found).and_then(|rest| rest.split(suffix).next());
        if let Some(field) = field
            && !path.ends_with(&format!("/{field}"))
        {
            path = format!("{path}/{field}");
        }
    }
    AppError::field(part, &path, "malformed", &message)
}

fn valid<T: Validate<Context = ()>>(part: Part, value: T) -> Result<T, AppError> {
    match value.validate() {
        Ok(()) => Ok(value),
        Err(report) => Err(AppError::out_of_range(part, "", &report)),
    }
}

/// What the path names. A name that nothing can have is like one that nothing has.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if request.match_info().iter().any(|(_, part)| !storable(part)) {
            return ready(Err(AppError::NotFound));
        }
        let path = web::Path::<T>::from_request(request, payload).into_inner();
        ready(path.map(|path| Self(path.into_inner())).map_err(|_| AppError::NotFound))
    }
}

/// The version of a record that a caller has read and wants to change: `If-Match: "7"`.
pub struct IfMatch(pub i32);

impl FromRequest for IfMatch {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let tag = request.headers().get(IF_MATCH).and_then(|value| value.to_str().ok());
        let version = tag.and_then(|tag| tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
        ready(version.map(Self).ok_or_else(|| {
            AppError::field(Part::Header, "/if-match", "required", &"send the ETag of the version that you have read")
        }))
    }
}

/// `Idempotency-Key`: the caller's own name for a request, 1 to 100 characters.
pub struct Once {
    key: String,
    target: String,
    digest: TokenKey,
}

impl Once {
    /// The key of the request with this content: the same key with other content is a mistake. The content is remembered
    /// as a keyed digest, for it may hold a name or a password.
    ///
    /// # Errors
    /// When the content cannot be written as JSON.
    pub fn of(self, content: &impl Serialize) -> Result<IdempotencyKey, AppError> {
        let content = serde_json::to_string(content).map_err(AppError::internal)?;
        Ok(IdempotencyKey { key: self.key, fingerprint: self.digest.digest(&self.target, &content) })
    }
}

impl FromRequest for Once {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = request.headers().get("idempotency-key").and_then(|value| value.to_str().ok());
        let key = header.filter(|key| (1..=100).contains(&key.len())).map(str::to_owned);
        let target = format!("{} {}", request.method(), request.path());
        let missing = || {
            let message = "send a key of your own, 1 to 100 characters";
            AppError::field(Part::Header, "/idempotency-key", "required", &message)
        };
        let app =
            request.app_data::<web::Data<App>>().ok_or_else(|| AppError::internal("the application is not there"));
        ready(
            app.and_then(|app| key.map(|key| Self { key, target, digest: app.keys.token.clone() }).ok_or_else(missing)),
        )
    }
}

/// How a header stands in the document.
fn header(name: &str, description: &str) -> Vec<Parameter> {
    let text = SchemaType::new(Type::String);
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(text)));
    vec![parameter.build()]
}

impl IntoParams for Once {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        header("Idempotency-Key", "Your own name for this request, so that it can be sent again safely.")
    }
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        header("If-Match", "The `ETag` that you have read.")
    }
}
