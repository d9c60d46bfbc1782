//! The query of every list, report and page, cursors among them: the first two bytes choose the route and who asks.
#![no_main]

use libfuzzer_sys::fuzz_target;
use safehold_fuzz::{chosen, routes, with_site};

fuzz_target!(|bytes: &[u8]| {
    let [route, who, query @ ..] = bytes else { return };
    let Ok(query) = std::str::from_utf8(query) else { return };
    with_site(|site| {
        let api = *who >= 128;
        // Streams never end.
        let routes: Vec<_> =
            routes(api, &["GET"]).into_iter().filter(|(_, path)| !path.starts_with("/changes")).collect();
        let (method, pattern) = chosen(&routes, *route);
        if ["/away", "/sign-out"].contains(pattern) {
            return; // it ends the session
        }
        let Some(request) = site.request(method, pattern, query) else { return };
        let person = chosen(&site.people, *who);
        let request = if api {
            request.append_header(("authorization", format!("Bearer {}", person.token)))
        } else {
            request.append_header(("cookie", person.cookie.clone()))
        };
        site.send(request);
    });
});
