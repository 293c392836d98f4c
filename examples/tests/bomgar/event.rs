//! `event decode`

use super::Tool;
use bomgar_sim::EventForm;

const LSID: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn an_event_is_shown_with_all_its_fields_and_the_answer() {
    let form = EventForm::new("support_conference_end")
        .timestamp(1_700_000_000)
        .lsid(LSID)
        .external_key("48213")
        .field("novelty", "ü & ö");
    let tool = Tool::default().input(form.to_body());
    let event = tool.run(&["event", "decode"]).await.object();
    assert_eq!(event["event"], "support_conference_end");
    assert_eq!(event["label"], "Support Session End");
    assert_eq!(event["lsid"], LSID);
    assert_eq!(event["external_key"], "48213");
    assert_eq!(event["timestamp"], "2023-11-14T22:13:20Z");
    assert_eq!(event["answer_status"], 200);
    let fields: Vec<(String, String)> = serde_json::from_value(event["fields"].clone()).unwrap();
    assert!(fields.contains(&("novelty".into(), "ü & ö".into())));
    let ran = tool.run(&["event", "decode", "-", "--table"]).await;
    assert!(ran.output.contains("Support Session End"), "{}", ran.output);
    assert!(ran.output.contains("ü & ö"), "{}", ran.output);
}

#[tokio::test]
async fn what_is_wrong_is_said_and_ends_with_1_if_it_is_fatal() {
    let body = format!("event=support_conference_end&lsid={LSID}&name=50%");
    let ran = Tool::default().input(body).run(&["event", "decode"]).await;
    let event = ran.object();
    assert_eq!(event["problems"][0], "the field name is badly encoded");
    assert_eq!(event["usable"], true);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("body");
    std::fs::write(&file, "event=support_conference_end&lsid=17").unwrap();
    let ran = Tool::default()
        .run(&["event", "decode", file.to_str().unwrap()])
        .await;
    assert_eq!((ran.code, ran.errors.as_str()), (1, ""));
    let event: serde_json::Value = serde_json::from_str(&ran.output).unwrap();
    assert_eq!(event["usable"], false);
    // Refused, it would block all that follow.
    assert_eq!(event["answer_status"], 200);
}
