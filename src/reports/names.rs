//! The words for what stands in reports as codes.

use std::collections::BTreeMap;

use crate::domain::measures::catalogue::Unit;
use crate::domain::measures::{Dimension, Side, Theme};
use crate::domain::provision::AccommodationType;
use crate::domain::reference::{Area, Code};

/// With a capital letter: "Refuge worker".
pub fn label(word: &str) -> String {
    let plain = word.replace('_', " ");
    let mut letters = plain.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

pub fn accommodation_type(kind: AccommodationType) -> &'static str {
    match kind {
        AccommodationType::Refuge => "Refuge",
        AccommodationType::Specialist => "Specialist safe accommodation",
        AccommodationType::DispersedRefugeLevel => "Dispersed, with support as in a refuge",
        AccommodationType::DispersedSemiIndependent => "Dispersed, semi-independent",
        AccommodationType::Sanctuary => "Sanctuary scheme",
        AccommodationType::SecondStage => "Second stage",
        AccommodationType::OtherEmergency => "Other emergency accommodation",
    }
}

/// A theme in words.
pub fn heading(theme: Theme) -> &'static str {
    match theme {
        Theme::Referrals => "Referrals",
        Theme::DeniedAccess => "Turned away",
        Theme::Waiting => "Waiting",
        Theme::Homes => "Homes",
        Theme::Stays => "Stays",
        Theme::People => "People",
        Theme::Completeness => "What is not known",
        Theme::Sanctuary => "Safe at home",
    }
}

/// What the figures of a theme are about.
pub fn about(theme: Theme) -> &'static str {
    match theme {
        Theme::Referrals => "Referrals that were sent, what became of them, and how soon they were answered.",
        Theme::DeniedAccess => "Who did not get a place, and why: by referral and by household.",
        Theme::Waiting => "Households that wait for a place, and for how long.",
        Theme::Homes => "What homes were used for: taken, held, out of use or free.",
        Theme::Stays => "How long households stayed, and where they went.",
        Theme::People => "The people who were supported.",
        Theme::Completeness => "How much nobody has recorded.",
        Theme::Sanctuary => "Homes that were made safe, so that households could stay.",
    }
}

/// What is counted, in words.
pub fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Referral => "referral",
        Unit::Household => "household",
        Unit::Person => "person",
        Unit::UnitDay => "day of a home",
        Unit::Unit => "home",
        Unit::Vacancy => "vacancy",
        Unit::Stay => "stay",
        Unit::Answer => "answer",
        Unit::Job => "sanctuary job",
    }
}

/// Whose records are counted.
pub fn name_of_side(side: Side) -> &'static str {
    match side {
        Side::Provider => "our services",
        Side::Referrer => "our own households",
    }
}

/// What a measure is broken down by, in words.
pub fn by(dimension: &str) -> String {
    match dimension {
        "household" => "What the household is made of".to_owned(),
        "source" => "Who asked for help".to_owned(),
        "decided_by" => "Whose decision".to_owned(),
        "womens_aid_group" => "Women's Aid group".to_owned(),
        "return_group" => "National return group".to_owned(),
        "origin_area" => "Where they come from".to_owned(),
        "void_group" => "Kind of void".to_owned(),
        "void_reason" => "Why it was out of use".to_owned(),
        "destination" => "Where they went".to_owned(),
        "departure" => "Whether it was planned".to_owned(),
        "field" => "What was asked".to_owned(),
        "marac_referred" => "Referred to a MARAC".to_owned(),
        "concession" => "Concession for migrant victims".to_owned(),
        other => label(other),
    }
}

/// The words for codes, by their list.
pub struct Names<'a> {
    codes: BTreeMap<(&'a str, &'a str), &'a str>,
    areas: BTreeMap<&'a str, &'a str>,
    labels: Labels,
}

impl<'a> Names<'a> {
    pub fn new(codes: &'a [Code], areas: &'a [Area]) -> Self {
        Self {
            codes: codes.iter().map(|code| ((code.list.as_str(), code.code.as_str()), code.label.as_str())).collect(),
            areas: areas.iter().map(|area| (area.code.as_str(), area.name.as_str())).collect(),
            labels: Labels::new(codes, areas),
        }
    }

    /// A value of a dimension.
    pub fn name(&self, dimension: &str, value: Option<&str>) -> String {
        let Some(value) = value else { return "Not known".to_owned() };
        let list = match dimension {
            "service" => return value.to_owned(),
            "area" | "origin_area" => return self.areas.get(value).map_or(value, |name| name).to_owned(),
            "decided_by" => return self.labels.name(Dimension::DecidedBy, Some(value)),
            "womens_aid_group" => return self.labels.name(Dimension::WomensAidGroup, Some(value)),
            "return_group" => return self.labels.name(Dimension::ReturnGroup, Some(value)),
            "field" => return by(value),
            "reason" => "denial_reason",
            "source" => "referral_source",
            "destination" => "departure_destination",
            list => list,
        };
        match (self.codes.get(&(list, value)), value) {
            (Some(label), _) => (*label).to_owned(),
            (None, "unknown") => "Not known".to_owned(),
            (None, "65_and_over") => "65 and over".to_owned(),
            (None, band) if dimension == "age" => band.replace("_to_", " to "),
            (None, value) => label(value),
        }
    }

    /// A note with the names of areas in place of their codes.
    pub fn in_words(&self, note: &str) -> String {
        self.areas.iter().fold(note.to_owned(), |note, (code, name)| note.replace(code, name))
    }
}

/// The words for codes.
pub struct Labels(BTreeMap<(&'static str, String), String>);

impl Labels {
    pub fn new(codes: &[Code], areas: &[Area]) -> Self {
        let lists = ["denial_reason", "referral_source", "what_happened_next"];
        let coded = lists.into_iter().flat_map(|list| {
            let of_list = codes.iter().filter(move |code| code.list == list);
            of_list.map(move |code| ((list, code.code.clone()), code.label.clone()))
        });
        let areas = areas.iter().map(|area| (("area", area.code.clone()), area.name.clone()));
        Self(coded.chain(areas).collect())
    }

    pub fn knows_reason(&self, code: &str) -> bool {
        self.0.contains_key(&("denial_reason", code.to_owned()))
    }

    /// A value of this dimension, in words.
    pub fn name(&self, by: Dimension, value: Option<&str>) -> String {
        let Some(value) = value else { return "Not known".into() };
        let listed = |list: &'static str| self.0.get(&(list, value.to_owned())).cloned();
        let name = match by {
            Dimension::Reason => listed("denial_reason"),
            Dimension::Area => listed("area"),
            Dimension::Source => listed("referral_source"),
            Dimension::WhatHappenedNext => listed("what_happened_next"),
            Dimension::AccommodationType => {
                value.parse().ok().map(|kind: AccommodationType| accommodation_type(kind).to_owned())
            }
            Dimension::Service => Some(value.to_owned()),
            Dimension::DecidedBy
            | Dimension::WomensAidGroup
            | Dimension::ReturnGroup
            | Dimension::Month
            | Dimension::Household => group(by, value).map(str::to_owned),
        };
        name.unwrap_or_else(|| label(value))
    }
}

fn group(by: Dimension, value: &str) -> Option<&'static str> {
    Some(match (by, value) {
        (Dimension::DecidedBy, "provider") => "The refuge or service",
        (Dimension::DecidedBy, "survivor") => "The survivor",
        (Dimension::DecidedBy, "referrer") => "The helpline or council",
        (Dimension::DecidedBy, "system") => "Nobody: the way things are set up",
        (Dimension::WomensAidGroup, "capacity") => "The service could not meet the need",
        (Dimension::WomensAidGroup, "survivor_declined") => "The survivor did not want it",
        (Dimension::WomensAidGroup, "inappropriate") => "The referral did not fit the service",
        (Dimension::ReturnGroup, "no_capacity") => "No capacity",
        (Dimension::ReturnGroup, "needs_not_met") => "Needs could not be met",
        (Dimension::ReturnGroup, "survivor_choice") => "The survivor's choice",
        (Dimension::Household, "unknown") => "Not known",
        (_, "other") => "Other",
        _ => return None,
    })
}
