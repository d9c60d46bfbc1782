//! What the benchmarks share: the people, the services, ids that can be computed, and the program itself.

pub mod ids;
pub mod people;
pub mod server;
