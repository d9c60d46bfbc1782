//! The style sheet, the script, fonts and pictures, inside the binary. A changed file has a changed name, so browsers may
//! keep them for ever.

use actix_web::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, VARY};
use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse, get, web};

use super::Answer;
use crate::error::AppError;

/// A file, as it is and compressed.
pub struct Asset {
    name: &'static str,
    media_type: &'static str,
    raw: &'static [u8],
    gzip: Option<&'static [u8]>,
    brotli: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

pub fn routes(config: &mut ServiceConfig) {
    config.service(serve);
}

#[get("/assets/{name}")]
async fn serve(request: HttpRequest, name: web::Path<String>) -> Answer {
    let asset = ALL.iter().find(|asset| asset.name == name.as_str()).ok_or(AppError::NotFound)?;
    let (body, coding) = match asset {
        Asset { brotli: Some(brotli), .. } if accepts(&request, "br") => (*brotli, Some("br")),
        Asset { gzip: Some(gzip), .. } if accepts(&request, "gzip") => (*gzip, Some("gzip")),
        _ => (asset.raw, None),
    };
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(asset.media_type)
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((VARY, "accept-encoding"));
    if let Some(coding) = coding {
        answer.insert_header((CONTENT_ENCODING, coding));
    }
    Ok(answer.body(body))
}

/// Whether the browser reads this coding.
pub fn accepts(request: &HttpRequest, coding: &str) -> bool {
    let header = request.headers().get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    header.split(',').any(|part| {
        let mut parts = part.split(';').map(str::trim);
        parts.next() == Some(coding) && parts.next() != Some("q=0")
    })
}
