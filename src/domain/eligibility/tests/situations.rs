//! Households as callers tell about them, each at three real services: what every one of them is told.
//!
//! What a service is not known to do is a rule that is added here. Sentences are parted by a slash.

use super::*;

mod family;
mod homes;
mod means;
mod past;
mod support;
mod survivors;

type Services = [(Sample, Verdict, &'static str); 3];

fn told_by(services: Services, caller: &Caller) {
    for (place, (service, verdict, expected)) in services.into_iter().enumerate() {
        let assessment = service.assess(caller);
        let told = texts(&assessment, caller).join(" / ");
        assert_eq!((told.as_str(), assessment.verdict), (expected, verdict), "at the service number {}", place + 1);
    }
}
