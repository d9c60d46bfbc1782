//! What is done to homes, and to the stays of households in them.

use chrono::{Days, TimeDelta};
use serde_json::{Value, json};

use super::super::book::{End, SECOND_STAGE, Stay, day};
use super::{Home, Id, Play, VOIDS, Wait, ids, picked, positions, post, reasons, recent, why, worker};

impl Play {
    pub(super) async fn post_vacancy(&mut self, a: usize) -> Option<()> {
        let home = a % self.homes.len();
        let Home { id, service, .. } = &self.homes[home];
        let request = |n: usize| ("/api/v1/vacancies".into(), json!({ "unit_id": id[n] }));
        let posted = post(&mut self.places, worker(*service), request).await?;
        self.vacancies.push((ids(&posted), home));
        Some(())
    }

    /// The last vacancy of a home: posted now, if it can be.
    pub(super) async fn vacancy(&mut self, a: usize) -> Option<usize> {
        self.post_vacancy(a).await;
        let home = a % self.homes.len();
        positions(&self.vacancies, |(_, of)| *of == home).pop()
    }

    /// Gives back the hold, and its case.
    pub(super) async fn hold(&mut self, a: usize, b: usize) -> Option<(Id, usize)> {
        let (case, vacancy) = (self.case(a)?, self.vacancy(b).await?);
        let (by, ids, (vacancy, _)) = (self.book.cases[case].by, &self.cases[case], &self.vacancies[vacancy]);
        let request = |n: usize| (format!("/api/v1/cases/{}/holds", ids[n]), json!({ "vacancy_id": vacancy[n] }));
        let held = post(&mut self.places, by, request).await?;
        Some((super::ids(&held), case))
    }

    pub(super) async fn hold_a_while(&mut self, a: usize, b: usize, seconds: i64) -> Option<()> {
        let (hold, case) = self.hold(a, b).await?;
        self.wait(Wait::Seconds(seconds));
        let (by, ids) = (self.book.cases[case].by, &self.cases[case]);
        let path = |n: usize| format!("/api/v1/cases/{}/holds/{}/release", ids[n], hold[n]);
        post(&mut self.places, by, |n| (path(n), Value::Null)).await.map(|_| ())
    }

    pub(super) async fn void(&mut self, a: usize, b: usize, c: usize) -> Option<()> {
        let home = a % self.homes.len();
        let Home { id, service, .. } = &self.homes[home];
        let mut body = json!({ "reason": VOIDS[b % 4], "end_holds": c.is_multiple_of(2) });
        if c > 0 {
            let hours = i64::try_from(c * c * 7).unwrap();
            body["ends_at"] = json!(self.now() + TimeDelta::hours(hours));
        }
        let path = |n: usize| format!("/api/v1/units/{}/voids", id[n]);
        let void = post(&mut self.places, worker(*service), |n| (path(n), body.clone())).await?;
        self.voids.push((ids(&void), home));
        Some(())
    }

    pub(super) async fn end_void(&mut self, a: usize) -> Option<()> {
        let (void, home) = &self.voids[recent(self.voids.len(), a)?];
        let Home { id, service, .. } = &self.homes[*home];
        let path = |n: usize| format!("/api/v1/units/{}/voids/{}/end", id[n], void[n]);
        post(&mut self.places, worker(*service), |n| (path(n), Value::Null)).await.map(|_| ())
    }

    fn stay(&self, number: usize, arrived: bool) -> Option<usize> {
        let there = |stay: &Stay| !stay.missed && stay.arrived.is_some() == arrived && stay.left.is_none();
        picked(&positions(&self.book.stays, |stay| number == 11 || there(stay)), number)
    }

    pub(super) async fn of_stay(
        &mut self,
        stay: usize,
        end: &str,
        body: impl Fn(usize) -> Value,
    ) -> Option<[Value; 2]> {
        let (who, ids) = (worker(self.book.stays[stay].service), &self.stays[stay]);
        post(&mut self.places, who, |n| (format!("/api/v1/placements/{}/{end}", ids[n]), body(n))).await
    }

    pub(super) async fn arrive(&mut self, a: usize) -> Option<()> {
        let stay = self.stay(a, false)?;
        self.of_stay(stay, "arrive", |_| json!({})).await?;
        let now = self.now();
        let Stay { referral, follows, .. } = self.book.stays[stay];
        self.book.stays[stay].arrived = Some(now);
        if let Some(before) = follows.map(|before| &mut self.book.stays[before]).filter(|before| before.left.is_none())
        {
            before.left = Some(now);
            before.departed = (before.referral != referral).then_some(("planned", "second_stage"));
        }
        self.book.referrals[referral].end = End::Placed;
        Some(())
    }

    pub(super) async fn not_come(&mut self, a: usize, reason: (&str, &str), beside: &[&str]) -> Option<()> {
        let stay = self.stay(a, false)?;
        self.of_stay(stay, "did-not-arrive", |_| reasons(reason, beside)).await?;
        let referral = self.book.stays[stay].referral;
        self.book.stays[stay].missed = true;
        if !matches!(self.book.referrals[referral].end, End::Placed) {
            self.deny(referral, why(reason, beside));
        }
        Some(())
    }

    pub(super) async fn move_to(&mut self, a: usize, b: usize) -> Option<()> {
        let stay = self.stay(a, true)?;
        let Stay { referral, service, .. } = self.book.stays[stay];
        let home = self.homes[picked(&positions(&self.homes, |home| home.service == service), b)?].id.clone();
        let next = self.of_stay(stay, "move", |n| json!({ "unit_id": home[n], "reason": "repairs" })).await?;
        let now = self.now();
        let expected = self.book.stays.iter_mut().filter(|next| next.follows == Some(stay) && next.arrived.is_none());
        let id = self.stays.len();
        expected.for_each(|next| next.follows = Some(id));
        self.stays.push(ids(&next));
        self.book.stays[stay].left = Some(now);
        self.expect(referral, service, Some(stay));
        self.book.stays[id].arrived = Some(now);
        Some(())
    }

    /// The same provider takes them on in another service: they are expected there.
    pub(super) async fn second_stage(&mut self, a: usize) -> Option<()> {
        let stay = self.stay(a, true)?;
        let home = self.homes[picked(&positions(&self.homes, |home| home.service == SECOND_STAGE), a)?].id.clone();
        let today = day(self.now()) + Days::new(a as u64 % 3);
        let next = self.of_stay(stay, "second-stage", |n| json!({ "unit_id": home[n], "expected_on": today })).await?;
        self.stays.push(ids(&next));
        self.expect(self.book.stays[stay].referral, SECOND_STAGE, Some(stay));
        Some(())
    }

    pub(super) async fn depart(&mut self, a: usize, (kind, destination): (&'static str, &'static str)) -> Option<()> {
        let stay = self.stay(a, true)?;
        self.of_stay(stay, "depart", |_| json!({ "kind": kind, "destination": destination })).await?;
        let now = self.now();
        self.book.stays[stay].left = Some(now);
        self.book.stays[stay].departed = Some((kind, destination));
        Some(())
    }
}
