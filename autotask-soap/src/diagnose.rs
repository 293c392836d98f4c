//! Finding out what is wrong with a connection: [`Client::diagnose`].

mod run;

use crate::client::Client;
use crate::error::Error;
use std::fmt;

/// A part of the connection that can be wrong by itself; in the order in which they are tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stage {
    /// The way to the service, and whether a zone knows the user name.
    Zone,
    /// User name and password.
    Credentials,
    /// The integration code (tracking identifier). Not with ATWS 1.5.
    IntegrationCode,
    /// Whether the user is an API user. Not with ATWS 1.5.
    ApiUser,
    /// Whether the server speaks the version of the API that the client does.
    Version,
    /// Whether the tenant has calls left.
    Threshold,
    /// Whether the API user may do what is needed.
    Permissions,
    /// Whether this machine's clock is right, and the server writes date-times in the zone that the
    /// client reads.
    WireZone,
}

impl Stage {
    /// All stages, in order.
    pub const ALL: [Self; 8] = [
        Self::Zone,
        Self::Credentials,
        Self::IntegrationCode,
        Self::ApiUser,
        Self::Version,
        Self::Threshold,
        Self::Permissions,
        Self::WireZone,
    ];
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Zone => "zone",
            Self::Credentials => "user name and password",
            Self::IntegrationCode => "integration code",
            Self::ApiUser => "API user",
            Self::Version => "version",
            Self::Threshold => "threshold",
            Self::Permissions => "permissions",
            Self::WireZone => "clock and time zone",
        })
    }
}

/// How a stage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// As it should be.
    Ok,
    /// Wrong; or it could not be told, although it should have been.
    Failed,
    /// Not tested: something before it is wrong, or the API version has nothing to test.
    Skipped,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Failed => "FAILED",
            Self::Skipped => "skipped",
        })
    }
}

/// What one stage gave. It holds no secrets.
#[derive(Debug)]
#[non_exhaustive]
pub struct StageReport {
    /// The stage.
    pub stage: Stage,
    /// How it ended.
    pub status: Status,
    /// What was found, in a sentence for people.
    pub finding: String,
    /// What to do about it.
    pub advice: Option<String>,
    /// The failed call, if it was one that told.
    pub error: Option<Error>,
}

/// What the API user must be allowed to do, for [`Client::diagnose_for`].
///
/// ```
/// use autotask_soap::diagnose::Need;
///
/// let needs = [Need::query("Ticket"), Need::query("TimeEntry").create()];
/// # assert!(needs[1].query && needs[1].create && !needs[0].create);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Need {
    /// Wire name of the entity.
    pub entity: String,
    /// Find records.
    pub query: bool,
    /// Create records.
    pub create: bool,
    /// Change records.
    pub update: bool,
    /// Delete records.
    pub delete: bool,
}

impl Need {
    /// To find records of this entity.
    pub fn query(entity: impl Into<String>) -> Self {
        Self {
            entity: entity.into(),
            query: true,
            create: false,
            update: false,
            delete: false,
        }
    }

    /// Also to create them.
    #[must_use]
    pub fn create(self) -> Self {
        Self {
            create: true,
            ..self
        }
    }

    /// Also to change them.
    #[must_use]
    pub fn update(self) -> Self {
        Self {
            update: true,
            ..self
        }
    }

    /// Also to delete them.
    #[must_use]
    pub fn delete(self) -> Self {
        Self {
            delete: true,
            ..self
        }
    }
}

/// The report of [`Client::diagnose`]: one entry for each stage, in order.
///
/// `Display` writes it for people, one line for each stage and one for each advice.
#[derive(Debug)]
#[non_exhaustive]
pub struct Diagnosis {
    /// All stages, in the order of [`Stage::ALL`].
    pub stages: Vec<StageReport>,
}

impl Diagnosis {
    /// Whether no stage failed.
    pub fn is_ok(&self) -> bool {
        self.first_failure().is_none()
    }

    /// The first stage that failed: the one to look at.
    pub fn first_failure(&self) -> Option<&StageReport> {
        self.stages
            .iter()
            .find(|report| report.status == Status::Failed)
    }

    /// The report of one stage.
    pub fn stage(&self, stage: Stage) -> Option<&StageReport> {
        self.stages.iter().find(|report| report.stage == stage)
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, report) in self.stages.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            let (stage, status) = (report.stage, report.status);
            write!(f, "{stage:<22}  {status:<7}  {}", report.finding)?;
            if let Some(advice) = &report.advice {
                write!(f, "\n{:>33}{advice}", "-> ")?;
            }
        }
        Ok(())
    }
}

impl Client {
    /// Tests the connection stage by stage and says which part is wrong and what to do.
    ///
    /// Reads only: at most seven calls and the lookup of the zone. It stops at the first failure
    /// that makes the rest pointless, so that a wrong password is not tried often enough to lock the
    /// user out. Among the permissions it looks for those that a program needs which writes notes
    /// and time to tickets; see [`diagnose_for`](Self::diagnose_for) for others. It never fails
    /// itself: failed calls are part of the report.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sim = autotask_sim::AutotaskSim::start().await?;
    /// use autotask_soap::diagnose::Stage;
    ///
    /// let client = autotask_soap::Client::builder(sim.username(), "wrong password", sim.integration_code())
    ///     .endpoint(sim.lookup_endpoint())
    ///     .build()?;
    /// let diagnosis = client.diagnose().await;
    /// let failure = diagnosis.first_failure().ok_or("all is well")?;
    /// assert_eq!(failure.stage, Stage::Credentials);
    /// println!("{diagnosis}");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn diagnose(&self) -> Diagnosis {
        self.diagnose_for(&[
            Need::query("Ticket"),
            Need::query("TicketNote").create(),
            Need::query("TimeEntry").create(),
            Need::query("Resource"),
            Need::query("ResourceRole"),
            Need::query("Role"),
        ])
        .await
    }

    /// The same for a program that needs these permissions.
    pub async fn diagnose_for(&self, needs: &[Need]) -> Diagnosis {
        run::run(self, needs).await
    }
}
