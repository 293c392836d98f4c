//! The stages one after the other.

use super::{Diagnosis, Need, Stage, StageReport, Status};
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::metadata::{EntityDescription, IntegrationCheck};
use crate::version::ApiVersion;
use jiff::Timestamp;

/// From this share of the allowance on, the report advises to call less.
const BUSY: f64 = 0.75;

pub(super) async fn run(client: &Client, needs: &[Need]) -> Diagnosis {
    // Whom the handle acts as plays no part in the connection, and would hide the API user's rights.
    let client = client.as_itself();
    let mut report = Report::default();
    if report.zone(&client).await
        && report.user(&client).await
        && report.version(&client).await
        && report.threshold(&client).await
    {
        let permitted = report.permissions(&client, needs).await;
        report.wire_zone(&client, &permitted).await;
    }
    report.finish()
}

#[derive(Default)]
struct Report {
    stages: Vec<StageReport>,
}

impl Report {
    fn put(&mut self, stage: Stage, status: Status, finding: String, advice: Option<String>) {
        self.stages.push(StageReport {
            stage,
            status,
            finding,
            advice,
            error: None,
        });
    }

    fn ok(&mut self, stage: Stage, finding: impl Into<String>) {
        self.put(stage, Status::Ok, finding.into(), None);
    }

    fn failed(&mut self, stage: Stage, finding: impl Into<String>, advice: impl Into<String>) {
        let advice = Some(advice.into());
        self.put(stage, Status::Failed, finding.into(), advice);
    }

    fn skipped(&mut self, stage: Stage, finding: impl Into<String>) {
        self.put(stage, Status::Skipped, finding.into(), None);
    }

    fn error(&mut self, stage: Stage, finding: &str, error: Error) {
        let advice = advice(stage, &error);
        self.stages.push(StageReport {
            stage,
            status: Status::Failed,
            // Where the kind says it all, the error's text would only repeat it.
            finding: match error.kind() {
                ErrorKind::Unauthorized => finding.to_owned(),
                _ => format!("{finding}: {error}"),
            },
            advice: Some(advice),
            error: Some(error),
        });
    }

    fn has(&self, stage: Stage) -> bool {
        self.stages.iter().any(|report| report.stage == stage)
    }

    /// What was not reached is skipped.
    fn finish(mut self) -> Diagnosis {
        let failed = self
            .stages
            .iter()
            .find(|report| report.status == Status::Failed)
            .map(|report| report.stage);
        for stage in Stage::ALL {
            if !self.has(stage) {
                let reason = match failed {
                    Some(failed) => format!("not tested, because of {failed}"),
                    None => "not tested".to_owned(),
                };
                self.skipped(stage, reason);
            }
        }
        self.stages.sort_by_key(|report| report.stage);
        Diagnosis {
            stages: self.stages,
        }
    }

    async fn zone(&mut self, client: &Client) -> bool {
        match client.zone().await {
            Ok(zone) => {
                let host = zone.url.host_str().unwrap_or("(no host)");
                self.ok(
                    Stage::Zone,
                    format!("the tenant, number {}, lives at {host}", zone.ci),
                );
                true
            }
            Err(error) => {
                self.error(Stage::Zone, "the zone is not known", error);
                false
            }
        }
    }

    /// User name, password, integration code and API user: with 1.6 one call tells all of them.
    async fn user(&mut self, client: &Client) -> bool {
        if !client.version().has_impersonation() {
            let reason = format!("ATWS {} has nothing to ask", client.version());
            self.skipped(Stage::IntegrationCode, reason.as_str());
            self.skipped(Stage::ApiUser, reason);
            return true;
        }
        match client.check_integration_code().await {
            Ok(check) => {
                self.accepted();
                self.judge(check)
            }
            Err(error) => self.refused(error, Stage::IntegrationCode, "the check failed"),
        }
    }

    fn accepted(&mut self) {
        if !self.has(Stage::Credentials) {
            self.ok(Stage::Credentials, "the server accepts them");
        }
    }

    /// Puts the failure of a call with credentials where it belongs. Whether to go on.
    fn refused(&mut self, error: Error, stage: Stage, finding: &str) -> bool {
        let used_up = error.kind() == ErrorKind::RateLimited
            || (error.kind() == ErrorKind::Refused && mentions(&error, "threshold"));
        match error.kind() {
            // Then every call fails, and it says nothing about the stage.
            _ if used_up => {
                self.accepted();
                self.error(Stage::Threshold, "no calls are left", error);
            }
            ErrorKind::Unauthorized => {
                self.error(Stage::Credentials, "the server does not accept them", error);
            }
            ErrorKind::IntegrationCode => {
                self.accepted();
                self.error(
                    Stage::IntegrationCode,
                    "the server does not accept it",
                    error,
                );
            }
            // The server got as far as to refuse the call itself.
            ErrorKind::Refused | ErrorKind::Fault | ErrorKind::ThreadLimit => {
                self.accepted();
                self.error(stage, finding, error);
                return !matches!(stage, Stage::IntegrationCode | Stage::Version);
            }
            _ => self.error(stage, finding, error),
        }
        false
    }

    fn judge(&mut self, check: IntegrationCheck) -> bool {
        match check.is_integration_code_associated {
            Some(true) => self.ok(Stage::IntegrationCode, "it belongs to the user"),
            Some(false) => self.failed(
                Stage::IntegrationCode,
                "it does not belong to the user",
                "Assign the integration to the API user: Admin > Resources/Users, the user's \
                 Security tab, API Tracking Identifier.",
            ),
            None => self.ok(
                Stage::IntegrationCode,
                "the server accepts it, and does not say whether it belongs to the user",
            ),
        }
        match check.is_api_user {
            Some(true) => self.ok(Stage::ApiUser, "the user is an API user"),
            Some(false) => self.failed(
                Stage::ApiUser,
                "the user is an ordinary resource",
                "Use a resource of licence type \"API User (API-only)\": Admin > Resources/Users, \
                 New API User.",
            ),
            None => self.skipped(Stage::ApiUser, "the server does not say"),
        }
        check.is_integration_code_associated != Some(false) && check.is_api_user != Some(false)
    }

    async fn version(&mut self, client: &Client) -> bool {
        let wanted = client.version();
        match client.wsdl_version().await {
            Ok(version) => {
                self.accepted();
                let version = version.trim();
                if speaks(version, wanted) {
                    self.ok(Stage::Version, format!("the server has version {version}"));
                } else {
                    self.failed(
                        Stage::Version,
                        format!("the server has version {version}, the client speaks {wanted}"),
                        "Give the client the endpoint and the version that belong together.",
                    );
                }
                true
            }
            Err(error) => self.refused(error, Stage::Version, "the version is not known"),
        }
    }

    async fn threshold(&mut self, client: &Client) -> bool {
        match client.threshold().await {
            Ok(threshold) => {
                let finding = format!(
                    "{} of {} calls in {} minutes are used, by all integrations together",
                    threshold.used, threshold.limit, threshold.minutes
                );
                let share = threshold.share();
                if share >= 1.0 {
                    self.failed(
                        Stage::Threshold,
                        finding,
                        "Wait, and find out which integration calls so much: Admin > Extensions & \
                         Integrations > Other > API Activity by Hour.",
                    );
                } else {
                    let advice = (share >= BUSY).then(|| {
                        "The server slows calls down. See Admin > Extensions & Integrations > \
                         Other > API Activity by Hour."
                            .to_owned()
                    });
                    self.put(Stage::Threshold, Status::Ok, finding, advice);
                }
                true
            }
            Err(error) => self.refused(error, Stage::Threshold, "the usage is not known"),
        }
    }

    /// Which entities can be queried; empty if that is not known.
    async fn permissions(&mut self, client: &Client, needs: &[Need]) -> Vec<String> {
        let entities = match client.entity_info().await {
            Ok(entities) => entities,
            Err(error) => {
                self.refused(error, Stage::Permissions, "the permissions are not known");
                return Vec::new();
            }
        };
        let lacks: Vec<String> = needs
            .iter()
            .filter_map(|need| lack(need, &entities))
            .collect();
        if lacks.is_empty() {
            let restricted = restricted(needs, &entities);
            let finding = if restricted.is_empty() {
                "the user may do what is needed".to_owned()
            } else {
                format!(
                    "the user may do what is needed; restricted is: {}",
                    restricted.join(", ")
                )
            };
            self.ok(Stage::Permissions, finding);
        } else {
            self.failed(
                Stage::Permissions,
                format!("the user may not: {}", lacks.join(", ")),
                "Change the security level of the API user: Admin > Resources/Users > Security > \
                 Security Levels.",
            );
        }
        entities
            .iter()
            .filter(|entity| may(entity.can_query, entity.user_access_for_query.as_deref()))
            .map(|entity| entity.name.clone())
            .collect()
    }

    async fn wire_zone(&mut self, client: &Client, permitted: &[String]) {
        if !permitted.iter().any(|entity| entity == "Ticket") {
            let reason = "not tested, because the user may not find tickets";
            return self.skipped(Stage::WireZone, reason);
        }
        match client.check_wire_zone(Timestamp::now()).await {
            Ok(()) => self.ok(
                Stage::WireZone,
                "no ticket was touched in the future; a server whose times look too old would not \
                 be noticed",
            ),
            Err(error) => {
                let finding = match error.kind() {
                    ErrorKind::Config => "one of them is wrong",
                    _ => "the check failed",
                };
                self.refused(error, Stage::WireZone, finding);
            }
        }
    }
}

fn mentions(error: &Error, word: &str) -> bool {
    let said = error.server_errors();
    said.iter()
        .any(|said| said.message.to_lowercase().contains(word))
}

/// Whether `1.6.11` is of version 1.6; a server that says nothing is believed.
fn speaks(version: &str, wanted: ApiVersion) -> bool {
    let wanted = wanted.to_string();
    let rest = version
        .trim_start_matches(['v', 'V'])
        .strip_prefix(wanted.as_str());
    version.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn may(can: bool, access: Option<&str>) -> bool {
    can && !access.is_some_and(|access| access.trim().eq_ignore_ascii_case("None"))
}

/// What is lacking for a need, in words.
fn lack(need: &Need, entities: &[EntityDescription]) -> Option<String> {
    let name = &need.entity;
    let Some(entity) = entities
        .iter()
        .find(|entity| entity.name.eq_ignore_ascii_case(name))
    else {
        return Some(format!("use {name}, which the server does not have"));
    };
    let lacks: Vec<&str> = uses(need, entity)
        .into_iter()
        .filter(|(needed, can, access, _)| *needed && !may(*can, *access))
        .map(|(.., word)| word)
        .collect();
    (!lacks.is_empty()).then(|| format!("{} {name}", lacks.join(" and ")))
}

fn restricted(needs: &[Need], entities: &[EntityDescription]) -> Vec<String> {
    let mut found = Vec::new();
    for need in needs {
        let entity = entities
            .iter()
            .find(|entity| entity.name.eq_ignore_ascii_case(&need.entity));
        for (needed, _, access, word) in entity.map(|e| uses(need, e)).into_iter().flatten() {
            let restricted = access.is_some_and(|access| access.eq_ignore_ascii_case("Restricted"));
            if needed && restricted {
                found.push(format!("{word} {}", need.entity));
            }
        }
    }
    found
}

type Use<'e> = (bool, bool, Option<&'e str>, &'static str);

fn uses<'e>(need: &Need, entity: &'e EntityDescription) -> [Use<'e>; 4] {
    [
        (
            need.query,
            entity.can_query,
            entity.user_access_for_query.as_deref(),
            "query",
        ),
        (
            need.create,
            entity.can_create,
            entity.user_access_for_create.as_deref(),
            "create",
        ),
        (
            need.update,
            entity.can_update,
            entity.user_access_for_update.as_deref(),
            "update",
        ),
        (
            need.delete,
            entity.can_delete,
            entity.user_access_for_delete.as_deref(),
            "delete",
        ),
    ]
}

fn advice(stage: Stage, error: &Error) -> String {
    let text = match (error.kind(), stage) {
        (ErrorKind::Unauthorized, _) => {
            "The user name is known, so it is most likely the password. Otherwise the user is not \
             active or is locked. Do not try again with the same password: too many attempts lock \
             the user."
        }
        (ErrorKind::UnknownUser, _) => {
            "Use the API user's full login, with everything after the @, as its page shows it under \
             Credentials."
        }
        (ErrorKind::IntegrationCode, _) => {
            "Copy the tracking identifier from the API user's Security tab again; it belongs to the \
             integration that is chosen there."
        }
        (ErrorKind::NotConnected | ErrorKind::Timeout, _) => {
            "Check network, name resolution, firewall and proxy: this machine must reach \
             *.autotask.net by HTTPS with TLS 1.2."
        }
        (ErrorKind::RateLimited | ErrorKind::ThreadLimit, _) => {
            "Wait a little; other programs use the same integration code or tenant."
        }
        (ErrorKind::Config, Stage::WireZone) => {
            "Set this machine's clock. If it is right, build the client with the zone that the \
             server writes, such as WireZone::utc()."
        }
        (ErrorKind::Config, _) => "Check the endpoint in the settings of the client.",
        (ErrorKind::NotSoap | ErrorKind::HttpStatus | ErrorKind::Redirect, _) => {
            "Check that the endpoint is that of ATWS, and that no proxy or maintenance page answers \
             for it."
        }
        _ => "See what the server says; if it tells nothing, try again later.",
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for (version, good) in [
            ("1.6", true),
            ("1.6.11", true),
            ("v1.6.8", true),
            ("1.60", false),
            ("1.5.3", false),
            ("", true),
        ] {
            assert_eq!(speaks(version, ApiVersion::V1_6), good, "{version}");
        }
    }

    #[test]
    fn access_none_outweighs_the_flag() {
        let mut entity = EntityDescription {
            name: "Ticket".into(),
            can_query: true,
            can_create: true,
            user_access_for_create: Some("None".into()),
            user_access_for_query: Some("Restricted".into()),
            ..EntityDescription::default()
        };
        let need = Need::query("ticket").create().update();
        let all = [entity.clone()];
        assert_eq!(lack(&need, &all).unwrap(), "create and update ticket");
        assert_eq!(restricted(&[need], &all), ["query ticket"]);
        // Older servers do not tell the access.
        entity.user_access_for_create = None;
        assert_eq!(lack(&Need::query("Ticket").create(), &[entity]), None);
        assert!(
            lack(&Need::query("Widget"), &all)
                .unwrap()
                .contains("Widget")
        );
    }
}
