//! The JSON bodies of every route of the API that takes one: the first two bytes choose the route and who sends it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use safehold_fuzz::{chosen, routes, with_site};

fuzz_target!(|bytes: &[u8]| {
    let [route, who, body @ ..] = bytes else { return };
    with_site(|site| {
        let routes = routes(true, &["POST", "PUT", "PATCH"]);
        let (method, pattern) = chosen(&routes, *route);
        let Some(request) = site.request(method, pattern, "") else { return };
        let person = chosen(&site.people, *who);
        let request = request
            .append_header(("authorization", format!("Bearer {}", person.token)))
            .append_header(("content-type", "application/json"))
            .append_header(("if-match", "\"1\""));
        site.send(request.set_payload(body.to_vec()));
    });
});
