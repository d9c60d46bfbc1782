//! What is done to a case, and to a home of its own.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::super::book::{Case, Closed, Merge, OUR_CASEWORKER, Referral, Secret, closed_as, day};
use super::{
    AFTERWARDS, BESIDE, Id, OF_REFERRERS, ORIGINS, Play, SOURCES, STILL_SAFE, alike, get, households, manager, picked,
    positions, post, recent, why, worker,
};
use crate::sanctuary::owner;
use crate::support::{mother_and_daughter, new_case};

impl Play {
    /// An open case.
    pub(super) fn case(&self, number: usize) -> Option<usize> {
        picked(&positions(&self.book.cases, |case| case.closed.is_none()), number)
    }

    pub(super) async fn open(&mut self, a: usize, b: usize, c: usize) -> Option<()> {
        let by = if a % 4 == 3 { "other_caseworker" } else { OUR_CASEWORKER };
        let (source, origin) = (SOURCES[a % 4], ORIGINS[b % 5]);
        let (household, members) = households()[c % 6].clone();
        let mut needs = if b.is_multiple_of(2) {
            mother_and_daughter()
        } else {
            json!({ "abuse_types": ["physical", "economic"] })
        };
        needs["members"] = members;
        let mut new = json!({ "referral_source": source, "needs": needs });
        if let Some(origin) = origin {
            new["origin_area"] = json!(origin);
        }
        if a % 3 != 1 {
            new["identity"] = new_case()["identity"].take(); // one and the same, so that cases look alike
        }
        let opened = post(&mut self.places, by, |_| ("/api/v1/cases".into(), new.clone())).await?;
        self.cases.push(super::ids(&opened));
        let opened = self.now();
        self.book.cases.push(Case { by, opened, source, origin, household, closed: None });
        Some(())
    }

    /// Somebody else belongs to the household than was thought.
    pub(super) async fn correct(&mut self, a: usize, b: usize) -> Option<()> {
        let case = self.case(a)?;
        let (household, members) = households()[b % 6].clone();
        let (by, ids, body) = (self.book.cases[case].by, &self.cases[case], json!({ "needs": { "members": members } }));
        let mut answers = Vec::new();
        for (place, id) in self.places.iter_mut().zip(ids) {
            let (client, path) = (place.client(by).await, format!("/api/v1/cases/{id}"));
            let etag = client.get(&path).await.ok().header("etag").to_owned();
            let headers = [("if-match", etag.as_str())];
            answers.push(client.request(Method::PATCH, &path, &headers, Some(body.clone())).await);
        }
        let (second, first) = (answers.pop()?, answers.pop()?);
        alike(&("correct".into(), body), first, second)?;
        self.book.cases[case].household = household;
        Some(())
    }

    pub(super) async fn close(&mut self, a: usize, b: usize, c: usize) -> Option<()> {
        let case = self.case(a)?;
        let outcome = ["placed", "not_placed", "not_placed", "sanctuary"][b % 4];
        let ((reason, decided_by), next) = (OF_REFERRERS[c % 5], AFTERWARDS[a % 3]);
        let beside = BESIDE[b % 4];
        let mut closing = json!({ "outcome": outcome });
        if outcome == "not_placed" {
            closing = json!({ "outcome": outcome, "primary_reason": reason, "secondary_reasons": beside,
                "decided_by": decided_by, "what_happened_next": next });
        }
        let (by, ids) = (self.book.cases[case].by, &self.cases[case]);
        post(&mut self.places, by, |n| (format!("/api/v1/cases/{}/close", ids[n]), closing.clone())).await?;
        let turned_away = outcome == "not_placed";
        let closed = Closed {
            at: self.now(),
            became: closed_as(outcome),
            why: turned_away.then(|| why((reason, decided_by), beside)),
            next: turned_away.then_some(next),
        };
        self.book.cases[case].closed = Some(closed);
        Some(())
    }

    /// Two cases, which may be of different organisations, and may be one.
    fn two_cases(&self, a: usize, b: usize) -> Option<(usize, usize)> {
        let of = self.cases.len();
        recent(of, a).zip(recent(of, a + 1 + b % 5))
    }

    pub(super) async fn merge(&mut self, a: usize, b: usize) -> Option<()> {
        let (kept, folded) = self.two_cases(a, b)?;
        let (ids, others) = (&self.cases[kept], &self.cases[folded]);
        let request = |n: usize| {
            let body = json!({ "folded_id": others[n], "reason": "called_again" });
            (format!("/api/v1/cases/{}/merge", ids[n]), body)
        };
        post(&mut self.places, self.book.cases[kept].by, request).await?;
        let from = self.now();
        self.book.merges.push(Merge { kept, folded, from, until: None });
        Some(())
    }

    /// They are about the same person.
    pub(super) async fn say_same(&mut self, a: usize, b: usize) -> Option<()> {
        let (one, other) = self.two_cases(a, b)?;
        let (ids, others, body) = (&self.cases[one], &self.cases[other], json!({ "same": !b.is_multiple_of(4) }));
        let path = |n: usize| format!("/api/v1/cases/{}/possible-repeats/{}", ids[n], others[n]);
        post(&mut self.places, self.book.cases[one].by, |n| (path(n), body.clone())).await.map(|_| ())
    }

    pub(super) async fn unmerge(&mut self, a: usize) -> Option<()> {
        let merge = picked(&positions(&self.book.merges, |merge| merge.until.is_none()), a)?;
        let folded = self.book.merges[merge].folded;
        let (by, ids) = (self.book.cases[folded].by, &self.cases[folded]);
        post(&mut self.places, by, |n| (format!("/api/v1/cases/{}/merge/undo", ids[n]), Value::Null)).await?;
        self.book.merges[merge].until = Some(self.now());
        Some(())
    }

    /// A case of ours is kept from our manager.
    pub(super) async fn keep_from_us(&mut self, a: usize) -> Option<()> {
        let case = picked(&positions(&self.book.cases, |case| case.by == OUR_CASEWORKER), a)?;
        let (ids, accounts) = (&self.cases[case], self.accounts("helpline_manager"));
        let request = |n: usize| {
            let body = json!({ "account_id": accounts[n], "reason": "She is the survivor's cousin." });
            (format!("/api/v1/cases/{}/exclusions", ids[n]), body)
        };
        let named = post(&mut self.places, OUR_CASEWORKER, request).await?;
        self.secrets.push(Some(super::ids(&named)));
        let since = self.now();
        self.book.secrets.push(Secret { case, who: "helpline_manager", since, lifted: false });
        Some(())
    }

    fn accounts(&self, who: &str) -> Id {
        std::array::from_fn(|n| self.places[n].app.world.account(who).id.0.to_string())
    }

    /// A manager of a provider says that she knows somebody.
    pub(super) async fn keep_from_them(&mut self, a: usize) -> Option<()> {
        let referral = recent(self.referrals.len(), a)?;
        let Referral { case, service, .. } = self.book.referrals[referral];
        let (ids, who, body) = (&self.referrals[referral], manager(service), json!({ "reason": "My neighbour." }));
        post(&mut self.places, who, |n| (format!("/api/v1/referrals/{}/conflicts", ids[n]), body.clone())).await?;
        self.secrets.push(None);
        let since = self.now();
        self.book.secrets.push(Secret { case, who, since, lifted: false });
        Some(())
    }

    pub(super) async fn lift(&mut self, a: usize) -> Option<()> {
        let named = positions(&self.secrets, Option::is_some);
        let secret = picked(&named, a)?;
        let (case, ids) = (&self.cases[self.book.secrets[secret].case], self.secrets[secret].as_ref()?);
        let path = |n: usize| format!("/api/v1/cases/{}/exclusions/{}/lift", case[n], ids[n]);
        post(&mut self.places, OUR_CASEWORKER, |n| (path(n), Value::Null)).await?;
        self.book.secrets[secret].lifted = true;
        Some(())
    }

    /// Their own home is made safe, or it is not to be.
    pub(super) async fn make_safe(&mut self, a: usize, b: usize) -> Option<()> {
        let case = self.case(a)?;
        let (by, ids, scheme) = (self.book.cases[case].by, &self.cases[case], &self.scheme);
        let request = |n: usize| (format!("/api/v1/cases/{}/sanctuary-jobs", ids[n]), owner(&scheme[n]));
        let job = super::ids(&post(&mut self.places, by, request).await?);
        let today = day(self.now());
        self.book.jobs.push((case, self.now()));
        let step = |step: &str, n: usize| format!("/api/v1/sanctuary-jobs/{}/{step}", job[n]);
        let scheme = worker(0);
        if b.is_multiple_of(3) {
            let body = json!({ "reason": "referrer_found_place" });
            post(&mut self.places, by, |n| (step("end", n), body.clone())).await?;
        } else {
            post(&mut self.places, scheme, |n| (step("book", n), json!({ "survey_on": today }))).await?;
            for next in ["survey", "install", "sign-off"] {
                post(&mut self.places, scheme, |n| (step(next, n), json!({}))).await?;
            }
        }
        self.jobs.push(job);
        Some(())
    }

    pub(super) async fn ask_if_safe(&mut self, a: usize, b: usize, c: usize) -> Option<()> {
        let job = recent(self.jobs.len(), a)?;
        let (by, ids) = (self.book.cases[self.book.jobs[job].0].by, &self.jobs[job]);
        let path = |n: usize| format!("/api/v1/sanctuary-jobs/{}", ids[n]);
        let jobs = get(&mut self.places, by, path).await;
        let asked: Vec<&str> = jobs.iter().filter_map(|job| job["follow_ups"][b % 4]["id"].as_str()).collect();
        let body = json!({ "answer": STILL_SAFE[c % 4] });
        (asked.len() == 2).then_some(())?;
        let request = |n: usize| (format!("{}/follow-ups/{}/answer", path(n), asked[n]), body.clone());
        post(&mut self.places, by, request).await.map(|_| ())
    }
}
