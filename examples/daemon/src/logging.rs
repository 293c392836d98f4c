//! Structured logs on standard error.

use crate::config::{LogConfig, LogFormat};
use std::io;
use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
};

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoggingError {
    /// The filter is not one.
    #[error(
        "log.level: {0:?} is no log filter; give a level such as \"info\" or directives such as \"info,sqlx=warn\""
    )]
    Filter(String, #[source] tracing_subscriber::filter::ParseError),
    /// Another subscriber is there already.
    #[error("the process has a log subscriber already; set logging up once, at the start")]
    AlreadySet(#[source] tracing::subscriber::SetGlobalDefaultError),
}

/// Sends the logs of the whole process to standard error, as `log` says.
///
/// # Errors
/// When the filter cannot be read, or logging was set up before.
pub fn init(log: &LogConfig) -> Result<(), LoggingError> {
    let subscriber = subscriber(log, io::stderr)?;
    tracing::subscriber::set_global_default(subscriber).map_err(LoggingError::AlreadySet)
}

/// A subscriber that writes to `writer`, as `log` says. Times are UTC.
///
/// # Errors
/// When the filter cannot be read.
pub fn subscriber<W>(
    log: &LogConfig,
    writer: W,
) -> Result<Box<dyn Subscriber + Send + Sync>, LoggingError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = filter(&log.level)?;
    let layer: Box<dyn Layer<Registry> + Send + Sync> = match log.format {
        LogFormat::Json => Box::new(fmt::layer().json().flatten_event(true).with_writer(writer)),
        LogFormat::Text => Box::new(fmt::layer().with_ansi(false).with_writer(writer)),
    };
    Ok(Box::new(
        Registry::default().with(layer.with_filter(filter)),
    ))
}

/// Reads a filter: a level, or directives for single modules.
pub(crate) fn filter(text: &str) -> Result<EnvFilter, LoggingError> {
    EnvFilter::builder()
        .parse(text)
        .map_err(|error| LoggingError::Filter(text.to_owned(), error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{Read, Seek},
        sync::Arc,
    };

    fn logged(format: LogFormat, level: &str) -> String {
        let file = Arc::new(tempfile::tempfile().unwrap());
        let log = LogConfig {
            format,
            level: level.to_owned(),
        };
        let subscriber = subscriber(&log, file.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(lsid = "abc", "session imported");
            tracing::warn!("look out");
        });
        let mut text = String::new();
        (&*file).rewind().unwrap();
        (&*file).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn json_lines_hold_every_field() {
        let text = logged(LogFormat::Json, "info");
        let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!(first["message"], "session imported");
        assert_eq!(
            (&first["lsid"], &first["level"]),
            (&"abc".into(), &"INFO".into())
        );
        assert_eq!(text.lines().count(), 2);
    }

    #[test]
    fn text_lines_are_for_people_and_the_level_counts() {
        let text = logged(LogFormat::Text, "warn");
        assert!(
            text.contains("look out") && !text.contains("imported"),
            "{text}"
        );
        assert!(!text.contains('\u{1b}'), "no colours: {text}");
    }

    #[test]
    fn a_bad_filter_is_told() {
        assert!(filter("info,sqlx=loud").is_err());
        assert!(filter("info,sqlx=warn").is_ok());
    }
}
