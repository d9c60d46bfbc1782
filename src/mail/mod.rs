//! Mail: a fixed text and a link, nothing else. (S29) Who is told of what is decided in [`crate::domain::mail`].

mod delivery;
mod message;
mod server;
mod words;

use std::sync::{Arc, Mutex, PoisonError};

pub use self::delivery::{deliver, letter};
pub use self::server::Smtp;
pub(crate) use self::words::Words;
use crate::clock::At;
use crate::domain::mail::{Problem, Topic};

/// A message that is ready to go.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    pub to: String,
    pub topic: Topic,
    /// The one link in it.
    pub link: String,
    /// The same however often it is sent: `<…@safehold.example.org>`.
    pub message_id: String,
    pub date: At,
}

/// Without address and link.
impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Letter({})", self.topic.as_str())
    }
}

/// What sends mail.
#[derive(Clone, Default)]
pub enum Mailer {
    /// Nothing: it waits until there is a server.
    #[default]
    None,
    Smtp(Box<server::Transport>),
    /// For tests: keeps what it was given.
    Recorded(Recorder),
}

/// Without the server, whose URL holds a password.
impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Smtp(_) => "Smtp(…)",
            Self::Recorded(_) => "Recorded(…)",
        })
    }
}

impl Mailer {
    /// Whether there is a server to send by.
    pub fn is_set_up(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Sends one message.
    ///
    /// # Errors
    /// Why not, as far as we can tell. A message that timed out may have arrived all the same.
    pub async fn send(&self, letter: &Letter) -> Result<(), Problem> {
        match self {
            Self::None => Err(Problem::Unreachable),
            Self::Smtp(transport) => transport.send(letter).await,
            Self::Recorded(recorder) => {
                recorder.0.lock().unwrap_or_else(PoisonError::into_inner).push(letter.clone());
                Ok(())
            }
        }
    }
}

/// What was sent, in its order.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<Vec<Letter>>>);

impl Recorder {
    /// What was sent since the last call.
    pub fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
