//! What somebody shows to say who they are: a token, a cookie, an entity tag, a key of a repeated request.
#![no_main]

use actix_web::http::header::HeaderValue;
use libfuzzer_sys::fuzz_target;
use safehold_fuzz::{chosen, with_site};

fuzz_target!(|bytes: &[u8]| {
    let [kind, shown @ ..] = bytes else { return };
    with_site(|site| {
        let (name, before) = *chosen(
            &[
                ("authorization", "Bearer "),
                ("authorization", ""),
                ("cookie", "__Host-session="),
                ("cookie", ""),
                ("if-match", ""),
                ("idempotency-key", ""),
                ("content-type", ""),
            ],
            *kind,
        );
        let Ok(value) = HeaderValue::from_bytes(&[before.as_bytes(), shown].concat()) else { return };
        for path in ["/api/v1/me", "/account"] {
            let Some(request) = site.request("GET", path, "") else { return };
            let heard = site.send(request.append_header((name, value.clone())));
            let let_in = ["authorization", "cookie"].contains(&name) && heard.status.is_success();
            assert!(!let_in, "{path} let somebody in with {value:?}");
        }
        let Some(request) = site.request("PATCH", "/api/v1/accounts/{id}", "") else { return };
        let administrator = &site.people[0];
        let mut request = request.set_json(serde_json::json!({ "name": "Somebody" })).append_header((name, value));
        if name != "authorization" {
            request = request.append_header(("authorization", format!("Bearer {}", administrator.token)));
        }
        site.send(request);
    });
});
