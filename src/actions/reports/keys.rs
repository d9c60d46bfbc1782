//! By what the records of a service are asked for. A name can be confidential, and an address is kept by browsers: so a
//! service is asked for by its id, and all those whose name the reader is not told by one word. (S6, S27)

use std::collections::BTreeMap;

use uuid::Uuid;

use super::super::public_name;
use crate::db::reports::Service;
use crate::domain::measures::{Dimension, Measure, Tally};
use crate::error::{AppError, Part};
use crate::ids::{OrganisationId, ServiceId};

/// All services whose name the reader is not told: they share a row.
pub const CONFIDENTIAL: &str = "confidential";

/// All services, and who reads about them.
#[derive(Clone, Copy)]
pub(super) struct Services<'a> {
    pub(super) all: &'a BTreeMap<ServiceId, Service>,
    pub(super) reader: OrganisationId,
}

impl Services<'_> {
    fn masked(self, service: &Service) -> bool {
        service.name_confidential && service.organisation != self.reader
    }

    /// As reports name it.
    pub(super) fn name(self, id: ServiceId) -> Option<String> {
        let service = self.all.get(&id)?;
        Some(public_name(&service.name, service.name_confidential, !self.masked(service)).to_owned())
    }

    /// The key of each name. Services of one name share a row, and a key.
    fn keys(self) -> BTreeMap<String, String> {
        let mut keys: BTreeMap<String, String> = BTreeMap::new();
        for (id, service) in self.all {
            let Some(name) = self.name(*id) else { continue };
            if self.masked(service) {
                keys.insert(name, CONFIDENTIAL.to_owned());
            } else {
                keys.entry(name).or_insert_with(|| id.0.to_string());
            }
        }
        keys
    }

    /// The name that a key stands for. `None` of a service that does not exist, or is not told by its name.
    ///
    /// # Errors
    /// [`AppError::Invalid`] when it is no key.
    pub(super) fn name_of(self, key: &str, pointer: &str) -> Result<Option<String>, AppError> {
        if key == CONFIDENTIAL {
            return Ok(Some(public_name("", true, false).to_owned()));
        }
        let message = "name the service by its id, or say confidential for those whose names you are not told";
        let id: Uuid = key.parse().map_err(|_| AppError::field(Part::Query, pointer, "unknown", &message))?;
        let told = self.all.get(&ServiceId(id)).filter(|service| !self.masked(service));
        Ok(told.and_then(|service| self.name(service.id)))
    }

    /// Puts keys beside the names of services.
    pub(super) fn key_measures(self, measures: &mut [Measure]) {
        let keys = self.keys();
        let breakdowns = measures.iter_mut().flat_map(|measure| &mut measure.breakdowns);
        for row in breakdowns.filter(|one| one.by == Dimension::Service.as_str()).flat_map(|one| &mut one.rows) {
            row.key = row.of.as_ref().and_then(|name| keys.get(name)).cloned();
        }
    }

    /// Puts keys beside the names of services.
    pub(super) fn key_cells(self, mut tally: Tally) -> Tally {
        let keys = self.keys();
        for cell in &mut tally.cells {
            let name = cell.by.get(Dimension::Service.as_str()).and_then(Option::as_ref);
            cell.service_key = name.and_then(|name| keys.get(name)).cloned();
        }
        tally
    }
}
