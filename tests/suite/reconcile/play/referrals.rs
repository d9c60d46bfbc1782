//! What is done to a referral.

use futures_util::future::join;
use safehold::actions::referrals;
use serde_json::json;

use super::super::book::{End, Referral, Stay, Why};
use super::{Id, Play, Wait, get, picked, positions, post, reasons, text, why, worker};

impl Play {
    pub(super) async fn refer(&mut self, a: usize, b: usize, vacancy: Option<usize>) -> Option<()> {
        let case = self.case(a)?;
        let world: Id = std::array::from_fn(|n| {
            let world = self.places[n].app.world;
            [world.refuge, world.dispersed][b % 2].0.to_string()
        });
        let (service, field, to) = match vacancy {
            None => (b % 2, "service_id", world),
            Some(number) => {
                let vacancy = self.vacancy(number).await?;
                let (id, home) = &self.vacancies[vacancy];
                (self.homes[*home].service, "vacancy_id", id.clone())
            }
        };
        let (by, ids) = (self.book.cases[case].by, &self.cases[case]);
        let request = |n: usize| (format!("/api/v1/cases/{}/referrals", ids[n]), json!({ field: to[n] }));
        let sent = post(&mut self.places, by, request).await?;
        self.referrals.push(super::ids(&sent));
        let sent = self.now();
        self.book.referrals.push(Referral { case, service, sent, end: End::Open });
        Some(())
    }

    /// A referral that is open; now and then any.
    fn referral(&self, number: usize) -> Option<usize> {
        let open = |one: &Referral| number == 11 || matches!(one.end, End::Open);
        picked(&positions(&self.book.referrals, open), number)
    }

    fn referrer(&self, referral: usize) -> &'static str {
        self.book.cases[self.book.referrals[referral].case].by
    }

    /// The provider asks for more; after a while it is told, or not yet.
    pub(super) async fn ask(&mut self, a: usize, told_after: Option<i64>) -> Option<()> {
        let referral = self.referral(a)?;
        let (provider, referrer) = (worker(self.book.referrals[referral].service), self.referrer(referral));
        self.say(referral, provider, "request-information").await?;
        if let Some(seconds) = told_after {
            self.wait(Wait::Seconds(seconds));
            self.say(referral, referrer, "give-information").await?;
        }
        Some(())
    }

    async fn say(&mut self, referral: usize, who: &'static str, what: &str) -> Option<()> {
        let (ids, body) = (&self.referrals[referral], json!({ "note": "There are two of them." }));
        let path = |n: usize| format!("/api/v1/referrals/{}/{what}", ids[n]);
        post(&mut self.places, who, |n| (path(n), body.clone())).await.map(|_| ())
    }

    pub(super) async fn accept(&mut self, a: usize, b: usize) -> Option<()> {
        let referral = self.referral(a)?;
        let Referral { case, service, .. } = self.book.referrals[referral];
        let homes = positions(&self.homes, |home| home.service == service);
        let (ids, home) = (&self.referrals[referral], &self.homes[picked(&homes, b)?].id);
        let request = |n: usize| (format!("/api/v1/referrals/{}/accept", ids[n]), json!({ "unit_id": home[n] }));
        let accepted = post(&mut self.places, worker(service), request).await?;
        self.stays.push(std::array::from_fn(|n| text(&accepted[n], "placement_id")));
        let lives = |stay: &Stay| {
            self.book.referrals[stay.referral].case == case && stay.arrived.is_some() && stay.left.is_none()
        };
        let follows = positions(&self.book.stays, lives).pop();
        self.expect(referral, service, follows);
        self.read_again(Some(case)).await;
        Some(())
    }

    pub(super) fn expect(&mut self, referral: usize, service: usize, follows: Option<usize>) {
        let stay = Stay { referral, service, follows, missed: false, arrived: None, left: None, departed: None };
        self.book.stays.push(stay);
    }

    /// Without a place.
    pub(super) async fn end(&mut self, a: usize, provider: bool, reason: (&str, &str), beside: &[&str]) -> Option<()> {
        let referral = self.referral(a)?;
        let who = if provider { worker(self.book.referrals[referral].service) } else { self.referrer(referral) };
        let (ids, end) = (&self.referrals[referral], if provider { "decline" } else { "withdraw" });
        let request = |n: usize| (format!("/api/v1/referrals/{}/{end}", ids[n]), reasons(reason, beside));
        post(&mut self.places, who, request).await?;
        self.deny(referral, why(reason, beside));
        Some(())
    }

    pub(super) fn deny(&mut self, referral: usize, why: Why) {
        self.book.referrals[referral].end = End::Denied(why);
        let stays = self.book.stays.iter_mut().filter(|stay| stay.referral == referral && stay.arrived.is_none());
        stays.for_each(|stay| stay.missed = true);
    }

    /// What nobody has answered ends by itself.
    pub(super) async fn lapse(&mut self) -> Option<()> {
        let [one, other] = &self.places;
        let (first, second) = join(referrals::lapse(&one.app.db), referrals::lapse(&other.app.db)).await;
        let ended = first.unwrap();
        assert_eq!(ended, second.unwrap(), "as many lapse on either");
        self.read_again(None).await;
        (ended > 0).then_some(())
    }

    /// Looks up what has become of the referrals that were open: of one case, or of all.
    pub async fn read_again(&mut self, of: Option<usize>) {
        let looked = |one: &Referral| matches!(one.end, End::Open) && of.is_none_or(|case| one.case == case);
        for referral in positions(&self.book.referrals, looked) {
            let (by, ids) = (self.referrer(referral), &self.referrals[referral]);
            let [one, other] = get(&mut self.places, by, |n| format!("/api/v1/referrals/{}", ids[n])).await;
            for field in ["state", "primary_reason", "decided_by", "sent_at", "decided_at", "ended_at"] {
                assert_eq!(one[field], other[field], "{field}");
            }
            if ["withdrawn", "lapsed"].contains(&one["state"].as_str().unwrap()) {
                let (reason, who) = (text(&one, "primary_reason"), text(&one, "decided_by"));
                self.deny(referral, why((&reason, &who), &[]));
            }
        }
    }
}
