//! The kinds of event in a session's details.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

// One table gives the variants, their wire names and both conversions, so they cannot drift apart.
macro_rules! event_types {
    ($($variant:ident = $wire:literal,)*) => {
        /// What happened, as the `event_type` attribute of a session event says it.
        ///
        /// The set grows with the appliance's version, so the enum is open: a name this crate does
        /// not know is kept as [`EventType::Other`]. The names are English on all sites seen so
        /// far, also where texts and actions are in another language.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum EventType {
            $(#[doc = concat!("`", $wire, "`")] $variant,)*
            /// A name that this version of the crate does not know, as sent.
            Other(String),
        }

        impl EventType {
            /// Every name this version of the crate knows.
            pub const KNOWN: &'static [EventType] = &[$(EventType::$variant,)*];

            /// The name on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(EventType::$variant => $wire,)*
                    EventType::Other(name) => name,
                }
            }

            /// Reads a wire name. Surrounding blanks are ignored, everything else must match.
            pub fn from_wire(name: &str) -> Self {
                match name.trim() {
                    $($wire => EventType::$variant,)*
                    other => EventType::Other(other.to_owned()),
                }
            }
        }
    };
}

event_types! {
    CallbackButtonDeployed = "Callback Button Deployed",
    CallbackButtonRemoved = "Callback Button Removed",
    ChatMessage = "Chat Message",
    CommandShellSessionStarted = "Command Shell Session Started",
    ConferenceMemberAdded = "Conference Member Added",
    ConferenceMemberDeparted = "Conference Member Departed",
    ConferenceMemberStateChanged = "Conference Member State Changed",
    ConferenceOwnerChanged = "Conference Owner Changed",
    CredentialInjectionAttempt = "Credential Injection Attempt",
    CredentialInjectionAttemptFailed = "Credential Injection Attempt Failed",
    CustomerExitSurvey = "Customer Exit Survey",
    DirectoryCreated = "Directory Created",
    ExternalKey = "External Key",
    FileDeleted = "File Deleted",
    FileDownload = "File Download",
    FileDownloadFailed = "File Download Failed",
    FileMoved = "File Moved",
    FileTransferComplete = "File Transfer Complete",
    FileUpload = "File Upload",
    FileUploadFailed = "File Upload Failed",
    FilesShared = "Files Shared",
    JumpItemAuthorizationRequest = "Jump Item Authorization Request",
    JumpItemAuthorizationRequestUtilized = "Jump Item Authorization Request Utilized",
    LegalAgreementResponse = "Legal Agreement Response",
    PinnedSessionMovedAwayFromQueue = "Pinned Session Moved Away from Queue",
    PinnedSessionMovedToQueue = "Pinned Session Moved to Queue",
    PinnedSessionPasswordModified = "Pinned Session Password Modified",
    RegistryExported = "Registry Exported",
    RegistryImported = "Registry Imported",
    RegistryKeyAdded = "Registry Key Added",
    RegistryKeyDeleted = "Registry Key Deleted",
    RegistryKeyRenamed = "Registry Key Renamed",
    RegistryValueAdded = "Registry Value Added",
    RegistryValueDeleted = "Registry Value Deleted",
    RegistryValueModified = "Registry Value Modified",
    RegistryValueRenamed = "Registry Value Renamed",
    RemoteShellEvent = "Remote Shell Event",
    RepresentativeExitSurvey = "Representative Exit Survey",
    RepresentativeMonitoringStarted = "Representative Monitoring Started",
    RepresentativeMonitoringStopped = "Representative Monitoring Stopped",
    ScreenRecording = "Screen Recording",
    ScreenshotCaptured = "Screenshot Captured",
    ServiceAccessAllowed = "Service Access Allowed",
    SessionAssigned = "Session Assigned",
    SessionAssignmentResponse = "Session Assignment Response",
    SessionEnd = "Session End",
    SessionForegroundWindowChanged = "Session Foreground Window Changed",
    SessionMouseLeftClicked = "Session Mouse Left Clicked",
    SessionNoteAdded = "Session Note Added",
    SessionPinnedToQueue = "Session Pinned to Queue",
    SessionStart = "Session Start",
    SessionTransferredAwayFromQueue = "Session Transferred Away from Queue",
    SessionTransferredToQueue = "Session Transferred to Queue",
    SessionUnpinnedFromQueue = "Session Unpinned from Queue",
    SessionWindowClosed = "Session Window Closed",
    ShowMyScreenRecording = "Show My Screen Recording",
    SpecialActionExecuted = "Special Action Executed",
    SystemInformationRetrieved = "System Information Retrieved",
}

impl Default for EventType {
    fn default() -> Self {
        EventType::Other(String::new())
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EventType {
    type Err = Infallible;

    fn from_str(name: &str) -> Result<Self, Infallible> {
        Ok(EventType::from_wire(name))
    }
}

impl From<&str> for EventType {
    fn from(name: &str) -> Self {
        EventType::from_wire(name)
    }
}

impl Serialize for EventType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for EventType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(EventType::from_wire(&String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_name_reads_back_as_itself() {
        for known in EventType::KNOWN {
            assert_eq!(&EventType::from_wire(known.as_str()), known);
        }
        assert_eq!(
            EventType::from_wire(" Chat Message\n"),
            EventType::ChatMessage
        );
    }

    #[test]
    fn an_unknown_name_is_kept() {
        let event = EventType::from_wire("Hologram Shared");
        assert_eq!(event, EventType::Other("Hologram Shared".into()));
        assert_eq!(event.to_string(), "Hologram Shared");
    }
}
