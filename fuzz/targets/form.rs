//! The forms of every page: the first two bytes choose the page and who sends it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use safehold_fuzz::{chosen, routes, with_site};

fuzz_target!(|bytes: &[u8]| {
    let [route, who, form @ ..] = bytes else { return };
    with_site(|site| {
        let routes = routes(false, &["POST"]);
        let (method, pattern) = chosen(&routes, *route);
        if pattern.starts_with("/sign-out") || pattern.starts_with("/account/") {
            return; // it ends the session
        }
        let Some(request) = site.request(method, pattern, "") else { return };
        let person = chosen(&site.people, *who);
        let body = [b"csrf=", person.csrf.as_bytes(), b"&", form].concat();
        let request = request
            .append_header(("cookie", person.cookie.clone()))
            .append_header(("content-type", "application/x-www-form-urlencoded"));
        site.send(request.set_payload(body));
    });
});
