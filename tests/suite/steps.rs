//! The steps of the main job, taken without looking left or right: for tests of what comes after them.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use safehold::ids::UnitId;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp, new_case};

/// Posts a vacancy; gives back its id.
pub async fn posted(refuge: &Client, unit: UnitId) -> String {
    refuge.post("/api/v1/vacancies", json!({ "unit_id": unit })).await.ok().id()
}

/// Opens a case of the household that fits everywhere; gives back its path.
pub async fn opened(helpline: &Client) -> String {
    opened_with(helpline, new_case()).await
}

pub async fn opened_with(helpline: &Client, case: Value) -> String {
    format!("/api/v1/cases/{}", helpline.post("/api/v1/cases", case).await.ok().id())
}

/// Changes the needs of a case as it is now.
pub async fn noted(helpline: &Client, case: &str, needs: Value) -> Answer {
    let etag = helpline.get(case).await.ok().header("etag").to_owned();
    helpline.patch(case, &etag, json!({ "needs": needs })).await
}

/// Refers the household of a case; gives back the path of the referral.
pub async fn referred(helpline: &Client, case: &str, vacancy: &str) -> String {
    let sent = helpline.post(&format!("{case}/referrals"), json!({ "vacancy_id": vacancy })).await.ok();
    format!("/api/v1/referrals/{}", sent.id())
}

/// Accepts a referral; gives back the path of the stay.
pub async fn accepted(refuge: &Client, referral: &str) -> String {
    let accepted = refuge.post(&format!("{referral}/accept"), json!({})).await.ok();
    format!("/api/v1/placements/{}", accepted.text_of("placement_id"))
}

/// Everything up to a household that is expected in A1.
pub struct Expected {
    pub case: String,
    pub referral: String,
    pub stay: String,
}

pub async fn expected(app: &TestApp, refuge: &Client, helpline: &Client) -> Expected {
    let vacancy = posted(refuge, app.world.a1).await;
    let case = opened(helpline).await;
    let referral = referred(helpline, &case, &vacancy).await;
    let stay = accepted(refuge, &referral).await;
    Expected { case, referral, stay }
}

/// What a unit of the provider is doing, as the provider reads it.
pub async fn doing(refuge: &Client, unit: UnitId) -> String {
    refuge.get(&format!("/api/v1/units/{}", unit.0)).await.ok().text_of("doing")
}

/// How often this is in the audit.
pub fn audited(app: &TestApp, action: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    assert!(action.chars().all(|char| char.is_ascii_lowercase() || "._".contains(char)));
    let query = format!("SELECT count(*) AS count FROM audit_event WHERE action = '{action}'");
    diesel::sql_query(query).get_result::<Count>(&mut app.raw()).unwrap().count
}
