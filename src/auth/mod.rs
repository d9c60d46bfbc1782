//! Who is asking.

mod actor;
pub mod credentials;
pub mod password;
pub mod token;
pub mod totp;

pub use actor::{Actor, Session};
pub use token::{Claims, Ticket, TokenKey};
