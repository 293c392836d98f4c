//! Looking into the tenant and driving it without SOAP.

use crate::support::{caller, note, time_entry};
use autotask_sim::{AutotaskSim, Record};
use serde_json::{Value, json};

struct Control {
    base: String,
    client: reqwest::Client,
}

impl Control {
    fn new(sim: &AutotaskSim) -> Self {
        Control {
            base: sim.web_url(),
            client: reqwest::Client::new(),
        }
    }

    async fn send(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let method = method.parse().unwrap();
        let request = self.client.request(method, format!("{}{path}", self.base));
        let response = request.body(body.to_string()).send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (
            status,
            serde_json::from_str(&text).unwrap_or(Value::String(text)),
        )
    }

    async fn get(&self, path: &str) -> Value {
        let (status, value) = self.send("GET", path, Value::Null).await;
        assert_eq!(status, 200, "{value}");
        value
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (status, value) = self.send("POST", path, body).await;
        assert_eq!(status, 200, "{value}");
        value
    }

    /// What a browser sees.
    async fn page(&self, path: &str) -> String {
        let request = self.client.get(format!("{}{path}", self.base));
        let request = request.header("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let kind = response.headers()["content-type"].to_str().unwrap();
        assert!(kind.starts_with("text/html"), "{kind}");
        response.text().await.unwrap()
    }
}

#[tokio::test]
async fn the_tenant_is_told_without_its_secrets() {
    let sim = AutotaskSim::start().await.unwrap();
    let control = Control::new(&sim);
    caller(&sim).query("Ticket", "").await.stored();
    let tenant = control.get("_sim/tenant").await;
    assert_eq!(tenant["ci"], sim.ci());
    assert_eq!(tenant["records"]["Ticket"], 2);
    assert_eq!(tenant["users"][0]["login"], sim.username());
    assert_eq!(tenant["requests"], json!({ "used": 1, "limit": 10_000 }));
    assert_eq!(tenant["settings"]["wire_zone"], "Eastern");
    let text = tenant.to_string();
    assert!(!text.contains(&sim.password()) && !text.contains(&sim.integration_code()));
}

#[tokio::test]
async fn a_browser_sees_pages_with_everything_escaped() {
    let sim = AutotaskSim::start().await.unwrap();
    let control = Control::new(&sim);
    let evil = "<script>alert('x')</script>";
    let ticket = sim.demo().ticket;
    sim.add(
        Record::new("TicketNote")
            .set("TicketID", ticket)
            .set("Title", evil),
    );
    sim.update_record("Ticket", ticket, "Title", evil);
    let start = control.page("_sim/").await;
    assert!(start.contains("/_sim/view/TicketNote"), "{start}");
    for path in [
        "TicketNote".to_owned(),
        format!("Ticket/{ticket}"),
        "Ticket".to_owned(),
    ] {
        let page = control.page(&format!("_sim/view/{path}")).await;
        assert!(page.contains("&lt;script&gt;"), "{path}");
        assert!(!page.contains("<script"), "{path}");
    }
    // Others get the help as a text.
    let help = control.get("_sim/").await;
    assert!(help.as_str().unwrap().contains("POST   /_sim/faults"));
    assert_eq!(
        control
            .send("GET", "_sim/view/Ticket/1", Value::Null)
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn settings_and_the_clock_can_be_changed() {
    let sim = AutotaskSim::start().await.unwrap();
    let control = Control::new(&sim);
    let now = control
        .post(
            "_sim/settings",
            json!({ "require_note_title": true, "wire_zone": "Utc" }),
        )
        .await;
    assert_eq!(now["require_note_title"], true);
    assert!(sim.settings().require_note_title);
    let (status, error) = control
        .send("POST", "_sim/settings", json!({ "thread_limit": "many" }))
        .await;
    assert_eq!(status, 400);
    assert!(error["error"].as_str().unwrap().contains("thread_limit"));
    let before = sim.now();
    control
        .post("_sim/clock", json!({ "advance_seconds": 3600 }))
        .await;
    assert!(sim.now().duration_since(before) >= jiff::SignedDuration::from_hours(1));
    assert_eq!(control.send("POST", "_sim/clock", json!({})).await.0, 400);
}

#[tokio::test]
async fn people_change_delete_merge_and_lock() {
    let sim = AutotaskSim::start().await.unwrap();
    let control = Control::new(&sim);
    let (demo, call) = (*sim.demo(), caller(&sim));
    let id = call.create(&[note(demo.ticket, "t", "d")]).await.stored()[0];
    let path = format!("_sim/records/TicketNote/{id}");
    let changed = control
        .post(&path, json!({ "description": "by people", "Title": null }))
        .await;
    assert_eq!(changed["Description"], "by people");
    assert_eq!(sim.record("TicketNote", id).unwrap().text("Title"), "");
    assert_eq!(
        control.send("POST", &path, json!({ "Titel": "x" })).await.0,
        400
    );
    let merge = format!("_sim/tickets/{}/merge", demo.ticket);
    control
        .post(&merge, json!({ "into": demo.queue_ticket }))
        .await;
    assert_eq!(sim.notes(demo.queue_ticket).len(), 2);
    assert_eq!(
        control
            .send("POST", &merge, json!({ "into": 4711 }))
            .await
            .0,
        400
    );
    assert_eq!(control.send("DELETE", &path, Value::Null).await.0, 200);
    assert_eq!(control.send("DELETE", &path, Value::Null).await.0, 400);
    assert!(sim.record("TicketNote", id).is_none());

    let sheet = |submitted: bool| json!({ "resource": demo.technician, "day": "2026-06-03", "submitted": submitted });
    let answer = control.post("_sim/timesheets", sheet(true)).await;
    assert_eq!(answer["week"], "2026-06-01");
    call.create(&[time_entry(&sim, &[])]).await.refused();
    control.post("_sim/timesheets", sheet(false)).await;
    call.create(&[time_entry(&sim, &[])]).await.stored();

    control
        .post("_sim/restrictions/TimeEntry", Value::Null)
        .await;
    assert!(call.query("TimeEntry", "").await.stored().is_empty());
    control
        .send("DELETE", "_sim/restrictions/TimeEntry", Value::Null)
        .await;
    assert_eq!(call.query("TimeEntry", "").await.stored().len(), 2);
}

#[tokio::test]
async fn a_fault_can_be_ordered_for_a_later_call() {
    let sim = AutotaskSim::start().await.unwrap();
    let control = Control::new(&sim);
    let order = json!({ "kind": "SoapFault", "operation": "query", "after": 1 });
    control.post("_sim/faults", order).await;
    let call = caller(&sim);
    for status in [200, 500, 200] {
        assert_eq!(call.query("Ticket", "").await.status, status);
    }
}

#[tokio::test]
async fn links_into_the_ui_lead_to_their_record() {
    let sim = AutotaskSim::start().await.unwrap();
    let control = Control::new(&sim);
    let demo = *sim.demo();
    let number = sim.record("Ticket", demo.ticket).unwrap();
    let number = number.text("TicketNumber");
    let command = "Autotask/AutotaskExtend/ExecuteCommand.aspx";
    for query in [
        format!(
            "Code=OpenTicketDetail&TicketNumber={}",
            number.replace('.', "%2E")
        ),
        format!("code=openticketdetail&ticketid={}", demo.ticket),
        format!("Code=OpenTicketTime&TicketID={}", demo.ticket),
    ] {
        let value = control.get(&format!("{command}?{query}")).await;
        assert_eq!(value["ticket"]["id"], demo.ticket, "{query}");
    }
    for (path, id) in [
        (
            format!("{command}?Code=OpenAccount&AccountID={}", demo.account),
            demo.account,
        ),
        (
            format!("{command}?Code=OpenContact&ContactID={}", demo.contact),
            demo.contact,
        ),
        (
            format!("Mvc/CRM/AccountDetail.mvc?accountId={}", demo.account),
            demo.account,
        ),
    ] {
        assert_eq!(control.get(&path).await["id"], id, "{path}");
    }
    let page = format!("Mvc/ServiceDesk/TicketDetail.mvc?ticketId={}", demo.ticket);
    assert_eq!(control.get(&page).await["ticket"]["id"], demo.ticket);
    for wrong in [
        format!("{command}?Code=OpenTicketDetail&TicketID=1"),
        format!("{command}?Code=OpenTicketDetail&TicketID=%zz"),
        format!("{command}?Code=OpenDoor&TicketID={}", demo.ticket),
        format!("{command}?TicketID={}", demo.ticket),
        "Mvc/Nothing.mvc?ticketId=1".to_owned(),
    ] {
        assert_eq!(
            control.send("GET", &wrong, Value::Null).await.0,
            404,
            "{wrong}"
        );
    }
}
