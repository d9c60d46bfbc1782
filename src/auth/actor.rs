//! The person behind a request.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use chrono::TimeDelta;

use super::{Claims, Ticket, TokenKey};
use crate::clock::At;
use crate::domain::permission::{Action, Role, may};
use crate::domain::second_factor::SecondFactor;
use crate::error::AppError;
use crate::ids::{AccountId, OrganisationId, RequestId, SessionId};

/// How long after giving the password somebody may read an address or an identity.
const FRESH: TimeDelta = TimeDelta::minutes(5);

/// Somebody who acts. The doors of the database open to them only while their session lasts.
#[derive(Debug, Clone)]
pub struct Actor {
    pub account: AccountId,
    pub organisation: OrganisationId,
    pub roles: Vec<Role>,
    /// The request in which they act.
    pub request: RequestId,
    /// What the token says of the session; none for the system itself, and before a sign-in.
    pub session: Option<Session>,
}

/// The session that a token came from.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    pub id: SessionId,
    pub stamp: i32,
    pub auth_time: i64,
    pub second_factor: SecondFactor,
    /// Whether this request is one of those that complete a sign-in: they alone pass without the second factor.
    pub completing: bool,
    /// When the request came: an emergency access that has ended by then counts no more.
    pub at: At,
}

impl Actor {
    /// Nobody in particular: somebody who is not signed in, or the system itself.
    pub fn nobody(request: RequestId) -> Self {
        Self {
            account: AccountId::NOBODY,
            organisation: OrganisationId::NONE,
            roles: Vec::new(),
            request,
            session: None,
        }
    }

    pub fn of_claims(claims: Claims, request: RequestId, now: At) -> Self {
        let Claims { sub, org, roles, session, stamp, auth_time, second_factor, .. } = claims;
        let session = Some(Session { id: session, stamp, auth_time, second_factor, completing: false, at: now });
        Self { account: sub, organisation: org, roles, request, session }
    }

    /// Who sends this request, by the ticket that their browser keeps.
    ///
    /// # Errors
    /// [`AppError::Unauthenticated`].
    pub fn of_ticket(ticket: &Ticket, now: At, id: RequestId) -> Result<Self, AppError> {
        if ticket.lasts(now) {
            Ok(Self::of_claims(ticket.page.clone(), id, now))
        } else {
            Err(AppError::Unauthenticated)
        }
    }

    /// Who sends this request, by its bearer token.
    ///
    /// # Errors
    /// [`AppError::Unauthenticated`].
    pub fn of(request: &HttpRequest, key: &TokenKey, now: At, id: RequestId) -> Result<Self, AppError> {
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or(AppError::Unauthenticated)?;
        Ok(Self::of_claims(key.check(token, now)?, id, now))
    }

    /// How the session stands with the second factor; `None` without a session.
    pub fn second_factor(&self) -> Option<SecondFactor> {
        self.session.map(|session| session.second_factor)
    }

    /// Whether the sign-in is not complete.
    pub fn is_half_in(&self) -> bool {
        self.second_factor().is_some_and(|second_factor| !second_factor.finished())
    }

    pub fn may(&self, action: Action) -> bool {
        may(&self.roles, action)
    }

    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// # Errors
    /// [`AppError::Reauthenticate`] when the password was given more than five minutes ago.
    pub fn freshly_authenticated(&self, now: At) -> Result<(), AppError> {
        let fresh = self.session.is_none_or(|session| now.unix_seconds() - session.auth_time <= FRESH.num_seconds());
        if fresh { Ok(()) } else { Err(AppError::Reauthenticate) }
    }
}

impl FromRequest for Actor {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    /// The gate has put them there: see `gate`.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Self>().cloned().ok_or(AppError::Unauthenticated))
    }
}
