//! Named points at which the process can be made to kill itself, to prove that a crash there loses
//! nothing and doubles nothing.
//!
//! Without the feature `failpoints` every point is empty. With it, the variable
//! `BOMGAR_AUTOTASK_FAILPOINT` chooses one: `name`, or `name:n` for the n-th time that the point is
//! reached. There the process appends the point's name to the file that
//! `BOMGAR_AUTOTASK_FAILPOINT_LOG` names, waits until that is on disk, and sends itself `SIGKILL`.

/// Every point that [`hit`] is called with.
pub const POINTS: &[&str] = &[
    "inbox.before_commit",
    "inbox.after_commit",
    "inbox.before_done",
    "inbox.after_done",
    "ledger.before_put.planned",
    "ledger.after_put.planned",
    "ledger.before_put.intent",
    "ledger.after_put.intent",
    "ledger.before_put.refused",
    "ledger.after_put.refused",
    "ledger.before_put.done",
    "ledger.after_put.done",
    "ledger.before_put.undecided",
    "ledger.after_put.undecided",
    "atws.before.getZoneInfo",
    "atws.after.getZoneInfo",
    "atws.before.query",
    "atws.after.query",
    "atws.before.GetFieldInfo",
    "atws.after.GetFieldInfo",
    "atws.before.create",
    "atws.after.create",
];

/// The variable that chooses the point.
pub const POINT_VARIABLE: &str = "BOMGAR_AUTOTASK_FAILPOINT";

/// The variable that names the file in which the point leaves its trace.
pub const LOG_VARIABLE: &str = "BOMGAR_AUTOTASK_FAILPOINT_LOG";

/// Passes the point `name`; kills the process if this is the chosen one. Never blocks otherwise, so
/// asynchronous code may call it.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub fn hit(_name: &str) {}

/// Passes the point `name`; kills the process if this is the chosen one. Never blocks otherwise, so
/// asynchronous code may call it.
#[cfg(feature = "failpoints")]
pub fn hit(name: &str) {
    armed::hit(name);
}

#[cfg(feature = "failpoints")]
mod armed {
    use super::{LOG_VARIABLE, POINT_VARIABLE};
    use std::{
        fs::OpenOptions,
        io::{self, Write},
        sync::{
            OnceLock,
            atomic::{AtomicU64, Ordering},
        },
    };

    struct Chosen {
        name: String,
        nth: u64,
        passed: AtomicU64,
    }

    /// `name` or `name:n`; a number that is none counts as part of the name, which then never fits.
    pub(super) fn parse(text: &str) -> (String, u64) {
        match text.rsplit_once(':') {
            Some((name, number)) => match number.parse() {
                Ok(nth) => (name.to_owned(), nth),
                Err(_) => (text.to_owned(), 1),
            },
            None => (text.to_owned(), 1),
        }
    }

    pub(super) fn hit(name: &str) {
        static CHOSEN: OnceLock<Option<Chosen>> = OnceLock::new();
        let chosen = CHOSEN.get_or_init(|| {
            let (name, nth) = parse(&std::env::var(POINT_VARIABLE).ok()?);
            Some(Chosen {
                name,
                nth,
                passed: AtomicU64::new(0),
            })
        });
        let Some(chosen) = chosen else { return };
        if chosen.name == name && chosen.passed.fetch_add(1, Ordering::SeqCst) + 1 == chosen.nth {
            die(name);
        }
    }

    fn die(name: &str) -> ! {
        if let Err(error) = leave_trace(name) {
            // The test that looks for the trace will fail and needs to know why.
            tracing::error!(%error, point = name, "the failpoint could not write its trace");
        }
        let killed =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        if killed.is_err() {
            std::process::abort();
        }
        // The signal is for the whole process; this thread must do nothing more until it arrives.
        loop {
            std::thread::park();
        }
    }

    fn leave_trace(name: &str) -> io::Result<()> {
        let Some(path) = std::env::var_os(LOG_VARIABLE) else {
            return Ok(());
        };
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        writeln!(file, "{name}")?;
        file.sync_all()
    }
}

#[cfg(feature = "failpoints")]
pub use calls::Calls;

#[cfg(feature = "failpoints")]
mod calls {
    use autotask_soap::transport::{Transport, TransportError};
    use bytes::Bytes;

    /// A transport with a point before and after each call to Autotask: `atws.before.<operation>`
    /// and `atws.after.<operation>`.
    #[derive(Debug)]
    pub struct Calls<T>(T);

    impl<T> Calls<T> {
        /// Puts the points around `transport`.
        pub fn new(transport: T) -> Self {
            Calls(transport)
        }
    }

    #[async_trait::async_trait]
    impl<T: Transport> Transport for Calls<T> {
        async fn send(
            &self,
            request: http::Request<Bytes>,
        ) -> Result<http::Response<Bytes>, TransportError> {
            let action = request
                .headers()
                .get("SOAPAction")
                .and_then(|value| value.to_str().ok());
            let operation = action
                .and_then(|action| action.trim_matches('"').rsplit('/').next())
                .unwrap_or_default()
                .to_owned();
            super::hit(&format!("atws.before.{operation}"));
            let answer = self.0.send(request).await;
            super::hit(&format!("atws.after.{operation}"));
            answer
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_have_different_names() {
        let mut names = POINTS.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), POINTS.len());
    }

    #[cfg(feature = "failpoints")]
    #[test]
    fn a_point_can_be_chosen_by_its_n_th_time() {
        assert_eq!(
            armed::parse("inbox.after_commit"),
            ("inbox.after_commit".to_owned(), 1)
        );
        assert_eq!(
            armed::parse("inbox.after_commit:7"),
            ("inbox.after_commit".to_owned(), 7)
        );
        assert_eq!(armed::parse("a:b"), ("a:b".to_owned(), 1));
    }
}
