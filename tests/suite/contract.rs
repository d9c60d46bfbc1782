//! The router, its OpenAPI document and the file that is handed out say the same.

use std::collections::BTreeSet;
use std::fs;

use actix_web::introspection::IntrospectionReportItem;
use rstest::rstest;
use safehold::gate::access::ROUTES;

use crate::support::contract::DOCUMENT;
use crate::support::{Engine, Sqlite, TestApp};

#[test]
fn the_file_is_what_the_router_declares() {
    let file = fs::read_to_string("api-spec/openapi.json").unwrap_or_default();
    let document = safehold::api::openapi::document().to_pretty_json().unwrap() + "\n";
    assert!(file == document, "run `make openapi`");
}

/// What is in no document, beside the pages.
const DOCUMENTS: [&str; 2] = ["GET /api/openapi.json", "GET /api/reference/{_:.*}"];

#[rstest]
#[actix_web::test]
async fn every_route_is_in_the_document(#[values(Sqlite)] on: Engine) {
    let mut routes = routes(&TestApp::spawn(on)).await;
    for document in DOCUMENTS {
        assert!(routes.remove(document), "{document} is gone");
    }
    routes.retain(|route| !safehold::web::is_page(route.split(' ').nth(1).unwrap()));
    let declared = DOCUMENT["paths"].as_object().unwrap().iter().flat_map(|(path, operations)| {
        operations.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    assert_eq!(routes, declared.collect());
}

/// S12
#[rstest]
#[actix_web::test]
async fn s12_every_route_says_who_may_call_it(#[values(Sqlite)] on: Engine) {
    let declared = ROUTES.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    assert_eq!(routes(&TestApp::spawn(on)).await, declared);
}

#[test]
fn no_two_operations_have_the_same_name() {
    let operations =
        DOCUMENT["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let names: Vec<_> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}

async fn routes(app: &TestApp) -> BTreeSet<String> {
    app.routes().await.iter().flat_map(operations).collect()
}

fn operations(route: &IntrospectionReportItem) -> Vec<String> {
    route.methods.iter().map(|method| format!("{method} {}", route.full_path)).collect()
}
