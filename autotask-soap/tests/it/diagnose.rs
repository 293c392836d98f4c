//! What is wrong with a connection, told stage by stage.

use crate::support::*;
use autotask_sim::{AutotaskSim, Fault, FaultSpec};
use autotask_soap::diagnose::{Diagnosis, Need, Stage, Status};
use autotask_soap::{ApiVersion, Client, ErrorKind};
use base64::Engine as _;

fn statuses(diagnosis: &Diagnosis) -> String {
    let letters = diagnosis.stages.iter().map(|report| match report.status {
        Status::Ok => 'o',
        Status::Failed => 'F',
        Status::Skipped => '-',
    });
    letters.collect()
}

/// The stage that failed, with everything else as it must be.
#[track_caller]
fn failure(diagnosis: &Diagnosis, stage: Stage) -> String {
    let order: Vec<_> = diagnosis.stages.iter().map(|report| report.stage).collect();
    assert_eq!(order, Stage::ALL);
    let report = diagnosis.first_failure().unwrap();
    assert_eq!(report.stage, stage, "{diagnosis}");
    assert!(
        report
            .advice
            .as_ref()
            .is_some_and(|advice| !advice.is_empty())
    );
    assert!(!diagnosis.is_ok());
    report.finding.clone()
}

/// Neither the report nor its debug form may hold what must stay secret.
#[track_caller]
fn no_secrets(diagnosis: &Diagnosis, user: &str, password: &str, code: &str) {
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    for text in [diagnosis.to_string(), format!("{diagnosis:?}")] {
        for secret in [password, code, &basic] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

fn client_with(sim: &AutotaskSim, user: &str, password: &str, code: &str) -> Client {
    Client::builder(user, password, code)
        .endpoint(sim.lookup_endpoint())
        .sleep(NoSleep::default())
        .build()
        .unwrap()
}

#[tokio::test]
async fn all_is_well() {
    let (sim, client) = tenant().await;
    let diagnosis = client.diagnose().await;
    assert_eq!(statuses(&diagnosis), "oooooooo", "{diagnosis}");
    assert!(diagnosis.is_ok());
    let zone = diagnosis.stage(Stage::Zone).unwrap();
    assert!(zone.finding.contains(&sim.ci().to_string()), "{zone:?}");
    no_secrets(
        &diagnosis,
        &sim.username(),
        &sim.password(),
        &sim.integration_code(),
    );
    // An impersonating handle tests the same connection.
    let as_john = client.impersonate(sim.demo().technician).diagnose().await;
    assert!(as_john.is_ok(), "{as_john}");
    assert!(sim.calls().iter().all(|call| call.impersonated.is_none()));
}

#[tokio::test]
async fn an_unknown_user_name() {
    let (sim, _) = tenant().await;
    let client = client_with(&sim, "nobody@nowhere.example", "secret word", CODE);
    let diagnosis = client.diagnose().await;
    let finding = failure(&diagnosis, Stage::Zone);
    assert!(finding.contains("nobody@nowhere.example"), "{finding}");
    assert_eq!(statuses(&diagnosis), "F-------");
    no_secrets(&diagnosis, "nobody@nowhere.example", "secret word", CODE);
    assert_eq!(sim.calls().len(), 1);
}

#[tokio::test]
async fn a_wrong_password_is_not_tried_further() {
    let (sim, _) = tenant().await;
    let code = sim.integration_code();
    let client = client_with(&sim, &sim.username(), "secret word", &code);
    let diagnosis = client.diagnose().await;
    failure(&diagnosis, Stage::Credentials);
    assert_eq!(statuses(&diagnosis), "oF------", "{diagnosis}");
    no_secrets(&diagnosis, &sim.username(), "secret word", &code);
    let tried = sim
        .calls()
        .iter()
        .filter(|call| call.status == Some(401))
        .count();
    // Once in the known zone, once after the zone was looked up again.
    assert_eq!(tried, 2);
}

#[tokio::test]
async fn a_wrong_integration_code() {
    let (sim, _) = tenant().await;
    let (user, password) = (sim.username(), sim.password());
    let client = client_with(&sim, &user, &password, "SOMEBODYELSESCODE");
    let diagnosis = client.diagnose().await;
    failure(&diagnosis, Stage::IntegrationCode);
    assert_eq!(statuses(&diagnosis), "ooF-----");
    no_secrets(&diagnosis, &user, &password, "SOMEBODYELSESCODE");
}

fn check(is_api_user: bool, associated: bool) -> String {
    answer(
        "IntegrationCodeCheck",
        &format!(
            "<ReturnCode>1</ReturnCode><IsApiUser>{is_api_user}</IsApiUser><IsIntegrationCodeAssociated>{associated}</IsIntegrationCodeAssociated>"
        ),
    )
}

fn wsdl_version(version: &str) -> String {
    envelope(&format!(
        r#"<GetWsdlVersionResponse xmlns="http://autotask.net/ATWS/v1_6/"><GetWsdlVersionResult>{version}</GetWsdlVersionResult></GetWsdlVersionResponse>"#
    ))
}

#[tokio::test]
async fn an_ordinary_user_and_a_code_of_somebody_else() {
    let script = Script::new([Ok(ok(check(false, true)))]);
    let diagnosis = script.client().diagnose().await;
    let finding = failure(&diagnosis, Stage::ApiUser);
    assert!(finding.contains("ordinary"), "{finding}");
    assert_eq!(statuses(&diagnosis), "oooF----");

    let script = Script::new([Ok(ok(check(true, false)))]);
    let diagnosis = script.client().diagnose().await;
    failure(&diagnosis, Stage::IntegrationCode);
    assert_eq!(statuses(&diagnosis), "ooFo----");
    assert_eq!(script.calls().len(), 1);
}

#[tokio::test]
async fn another_version_of_the_server() {
    let refused = || Ok(ok(refusal("query", &["no"])));
    let script = Script::new([
        Ok(ok(check(true, true))),
        Ok(ok(wsdl_version("1.5.7"))),
        refused(),
        refused(),
    ]);
    let diagnosis = script.client().diagnose().await;
    let finding = failure(&diagnosis, Stage::Version);
    assert!(
        finding.contains("1.5.7") && finding.contains("1.6"),
        "{finding}"
    );
}

#[tokio::test]
async fn version_1_5_has_less_to_ask() {
    let sim = AutotaskSim::start().await.unwrap();
    let client = |password: &str| {
        Client::builder(sim.username(), password, sim.integration_code())
            .version(ApiVersion::V1_5)
            .endpoint(sim.endpoint_v1_5())
            .sleep(NoSleep::default())
            .build()
            .unwrap()
    };
    let diagnosis = client(&sim.password()).diagnose().await;
    let stages: String = statuses(&diagnosis).chars().take(5).collect();
    assert_eq!(stages, "oo--o", "{diagnosis}");
    let diagnosis = client("wrong").diagnose().await;
    failure(&diagnosis, Stage::Credentials);
    assert_eq!(statuses(&diagnosis), "oF------");
}

#[tokio::test]
async fn no_calls_are_left() {
    let (sim, client) = tenant().await;
    sim.set_foreign_requests(8_000);
    let diagnosis = client.diagnose().await;
    assert!(diagnosis.is_ok());
    let busy = diagnosis.stage(Stage::Threshold).unwrap();
    assert!(
        busy.advice
            .as_ref()
            .is_some_and(|advice| advice.contains("slows"))
    );

    sim.set_foreign_requests(10_000);
    let diagnosis = client.diagnose().await;
    let finding = failure(&diagnosis, Stage::Threshold);
    assert!(finding.contains("10000"), "{finding}");
    assert_eq!(
        diagnosis.stage(Stage::Credentials).unwrap().status,
        Status::Ok
    );
}

#[tokio::test]
async fn permissions_that_lack() {
    let (sim, client) = tenant().await;
    // Tickets cannot be deleted by anybody.
    let needs = [
        Need::query("Ticket").delete(),
        Need::query("Widget"),
        Need::query("TimeEntry").create(),
    ];
    let diagnosis = client.diagnose_for(&needs).await;
    let finding = failure(&diagnosis, Stage::Permissions);
    assert!(
        finding.contains("delete Ticket") && finding.contains("Widget"),
        "{finding}"
    );
    assert!(!finding.contains("TimeEntry"), "{finding}");
    assert_eq!(statuses(&diagnosis), "ooooooFo");

    sim.restrict("TimeEntry");
    let diagnosis = client.diagnose().await;
    assert!(diagnosis.is_ok());
    let finding = &diagnosis.stage(Stage::Permissions).unwrap().finding;
    assert!(
        finding.contains("restricted is: query TimeEntry"),
        "{finding}"
    );
}

/// The entity takes new records, but not from this user.
#[tokio::test]
async fn a_user_who_may_only_read() {
    let (sim, client) = tenant().await;
    sim.forbid_writes("TimeEntry");
    let diagnosis = client.diagnose().await;
    let finding = failure(&diagnosis, Stage::Permissions);
    assert!(finding.contains("create TimeEntry"), "{finding}");
    assert!(!finding.contains("query TimeEntry"), "{finding}");
    let reads_only = client.diagnose_for(&[Need::query("TimeEntry")]).await;
    assert!(reads_only.is_ok(), "{reads_only}");
}

#[tokio::test]
async fn times_of_another_zone() {
    let (sim, client) = tenant().await;
    sim.update_record("Ticket", sim.demo().ticket, "LastActivityDate", sim.now());
    sim.configure(|settings| settings.wire_zone = autotask_sim::WireZone::Utc);
    let diagnosis = client.diagnose().await;
    failure(&diagnosis, Stage::WireZone);
    assert_eq!(statuses(&diagnosis), "oooooooF");
}

#[tokio::test]
async fn what_does_not_answer_is_told_where_it_happens() {
    let (sim, client) = tenant().await;
    sim.fault(
        FaultSpec::new(Fault::Html200)
            .on("getThresholdAndUsageInfo")
            .times(9),
    );
    let diagnosis = client.diagnose().await;
    failure(&diagnosis, Stage::Threshold);
    assert_eq!(statuses(&diagnosis), "oooooF--", "{diagnosis}");
    let error = diagnosis.first_failure().unwrap().error.as_ref().unwrap();
    assert_eq!(error.kind(), ErrorKind::NotSoap);

    sim.clear_faults();
    sim.move_zone();
    assert!(
        client.diagnose().await.is_ok(),
        "a moved tenant is found again"
    );
}

#[tokio::test]
async fn the_report_is_for_people() {
    let script = Script::new([Ok(ok(check(false, true)))]);
    let diagnosis = script.client().diagnose().await;
    insta::assert_snapshot!(diagnosis.to_string(), @r#"
    zone                    ok       the tenant, number 123456, lives at webservices3.autotask.net
    user name and password  ok       the server accepts them
    integration code        ok       it belongs to the user
    API user                FAILED   the user is an ordinary resource
                                  -> Use a resource of licence type "API User (API-only)": Admin > Resources/Users, New API User.
    version                 skipped  not tested, because of API user
    threshold               skipped  not tested, because of API user
    permissions             skipped  not tested, because of API user
    clock and time zone     skipped  not tested, because of API user
    "#);
}
