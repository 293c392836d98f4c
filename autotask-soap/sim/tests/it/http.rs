//! Credentials, zones, envelopes.

use crate::support::{caller, field, note};
use autotask_sim::AutotaskSim;

#[tokio::test]
async fn without_or_with_wrong_credentials_a_401_with_a_basic_challenge_comes() {
    let sim = AutotaskSim::start().await.unwrap();
    let mut call = caller(&sim);
    for authorization in [None, Some("Basic bm9ib2R5Om5vdGhpbmc=".to_owned())] {
        call.authorization = authorization;
        let response = reqwest::Client::new()
            .post(sim.endpoint())
            .header("content-type", "text/xml")
            .header(
                "soapaction",
                "\"http://autotask.net/ATWS/v1_6/GetWsdlVersion\"",
            )
            .header(
                "authorization",
                call.authorization.clone().unwrap_or_default(),
            )
            .body(call.envelope("GetWsdlVersion", ""))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status().as_u16(), 401);
        let challenge = response.headers()["www-authenticate"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(challenge.starts_with("Basic Realm=\""), "{challenge}");
        assert!(!response.text().await.unwrap().contains("Envelope"));
    }
    sim.set_password("changed");
    assert_eq!(caller(&sim).call("GetWsdlVersion", "").await.status, 200);
}

#[tokio::test]
async fn a_wrong_or_missing_integration_code_is_a_return_code_in_1_6() {
    let sim = AutotaskSim::start().await.unwrap();
    let mut call = caller(&sim);
    for code in [None, Some("WRONG".to_owned())] {
        call.code = code;
        let got = call.query("Ticket", "").await;
        assert_eq!(got.refused(), ["IntegrationCode is invalid."]);
        let got = call.create(&[note(sim.demo().ticket, "t", "d")]).await;
        assert_eq!(got.refused(), ["IntegrationCode is invalid."]);
    }
    assert_eq!(sim.notes(sim.demo().ticket).len(), 1);
}

#[tokio::test]
async fn version_1_5_has_its_namespace_and_asks_for_no_integration_code() {
    let sim = AutotaskSim::start().await.unwrap();
    let mut call = caller(&sim);
    call.url = sim.endpoint_v1_5();
    call.namespace = "http://autotask.net/ATWS/v1_5/";
    call.code = None;
    let got = call.query("Ticket", "").await;
    assert_eq!(got.stored().len(), 2);
    assert!(
        got.body
            .contains("<queryResponse xmlns=\"http://autotask.net/ATWS/v1_5/\">")
    );
    // Fields of 1.6 are missing.
    assert!(!got.body.contains("LastTrackedModificationDateTime"));
    // It may ask for one, and then not for just any.
    sim.configure(|settings| settings.code_in_v1_5 = true);
    let refused = call.query("Ticket", "").await.refused();
    assert_eq!(refused, ["IntegrationCode is invalid."]);
    call.code = Some(sim.integration_code());
    call.query("Ticket", "").await.stored();
    call.namespace = "http://autotask.net/ATWS/v1_6/";
    assert_eq!(call.query("Ticket", "").await.status, 500);
}

#[tokio::test]
async fn zone_info_needs_no_credentials() {
    let sim = AutotaskSim::start().await.unwrap();
    let mut call = caller(&sim);
    call.authorization = None;
    call.code = None;
    let user = format!("<UserName>{}</UserName>", sim.username());
    let got = call.call("getZoneInfo", &user).await;
    assert_eq!(got.status, 200);
    assert_eq!(got.one("URL"), sim.endpoint());
    assert_eq!(got.one("ErrorCode"), "0");
    assert_eq!(got.one("CI"), sim.ci().to_string());
    assert_eq!(got.one("WebUrl"), sim.web_url());
    let got = call
        .call("getZoneInfo", "<UserName>nobody@example.com</UserName>")
        .await;
    assert_ne!(got.one("ErrorCode"), "0");
    assert!(got.all("URL").is_empty());
}

#[tokio::test]
async fn a_tenant_that_moved_answers_401_at_its_old_address() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    sim.move_zone();
    assert_ne!(sim.endpoint(), call.url);
    assert_eq!(call.call("GetWsdlVersion", "").await.status, 401);
    let user = format!("<UserName>{}</UserName>", sim.username());
    let got = call.call("getZoneInfo", &user).await;
    assert_eq!(got.one("URL"), sim.endpoint());
    assert_eq!(caller(&sim).call("GetWsdlVersion", "").await.status, 200);
}

#[tokio::test]
async fn the_path_is_found_in_any_case() {
    let sim = AutotaskSim::start().await.unwrap();
    let mut call = caller(&sim);
    call.url = sim.endpoint().replace("ATServices", "atservices");
    assert_eq!(call.call("GetWsdlVersion", "").await.status, 200);
    call.url = sim.endpoint().replace("1.6", "1.7");
    assert_eq!(call.call("GetWsdlVersion", "").await.status, 404);
}

#[tokio::test]
async fn what_is_no_soap_request_is_a_fault() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    let action = "\"http://autotask.net/ATWS/v1_6/query\"";
    let good = call.envelope("query", "<sXML></sXML>");
    for (action, envelope) in [
        ("\"http://autotask.net/ATWS/v1_6/unknown\"", good.clone()),
        ("", good.clone()),
        (action, good[..good.len() / 2].to_owned()),
        (action, call.envelope("create", "<Entities/>")),
        (
            action,
            good.replace(
                "schemas.xmlsoap.org/soap/envelope",
                "www.w3.org/2003/05/soap-envelope",
            ),
        ),
        (action, good.replace("<sXML>", "<sXML>\u{1}")),
        (
            action,
            good.replace(
                "</soap:Header>",
                "<a:Action xmlns:a=\"http://www.w3.org/2005/08/addressing\" \
                 soap:mustUnderstand=\"1\">x</a:Action></soap:Header>",
            ),
        ),
    ] {
        let got = call.post(action, envelope).await.unwrap();
        assert_eq!(got.status, 500, "{}", got.body);
        assert_eq!(got.all("Fault").len(), 1);
        assert!(!got.one("faultstring").is_empty());
    }
}

#[tokio::test]
async fn prefixes_types_and_leading_blank_lines_are_the_clients_choice() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    let ticket = sim.demo().ticket;
    // All names prefixed, types prefixed, other prefix for XML Schema.
    let prefixed = format!(
        "\r\n<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:ns0=\"http://autotask.net/ATWS/v1_6/\"><S:Header><ns0:AutotaskIntegrations>\
         <ns0:IntegrationCode>{}</ns0:IntegrationCode></ns0:AutotaskIntegrations></S:Header>\
         <S:Body><ns0:create><ns0:Entities><ns0:Entity i:type=\"ns0:TicketNote\"><ns0:id>0</ns0:id>\
         <ns0:Title>prefixed</ns0:Title><ns0:TicketID i:type=\"xs:int\">{ticket}</ns0:TicketID>\
         <ns0:Description>d</ns0:Description><ns0:NoteType>3</ns0:NoteType>\
         <ns0:Publish>1</ns0:Publish><Publish>9</Publish></ns0:Entity></ns0:Entities></ns0:create>\
         </S:Body></S:Envelope>",
        sim.integration_code()
    );
    let action = "http://autotask.net/ATWS/v1_6/create";
    let got = call.post(action, prefixed.clone()).await.unwrap();
    assert_eq!(got.stored().len(), 1);
    assert_eq!(sim.notes(ticket)[1].text("Title"), "prefixed");
    assert_eq!(sim.notes(ticket)[1].int("Publish"), Some(1));

    let unknown = prefixed.replace("\"ns0:TicketNote\"", "\"ns0:TicketNotes\"");
    assert_eq!(call.post(action, unknown).await.unwrap().status, 500);
    let unbound = prefixed.replace("\"ns0:TicketNote\"", "\"ns9:TicketNote\"");
    assert_eq!(call.post(action, unbound).await.unwrap().status, 500);
    let empty_id = prefixed.replace("<ns0:id>0</ns0:id>", "<ns0:id></ns0:id>");
    assert_eq!(call.post(action, empty_id).await.unwrap().status, 500);
    assert_eq!(sim.notes(ticket).len(), 2);
}

#[tokio::test]
async fn calls_are_on_record() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    let ticket = sim.demo().ticket;
    let got = call.create(&[note(ticket, "t", "d")]).await;
    call.query(
        "TicketNote",
        &field("TicketID", "equals", &ticket.to_string()),
    )
    .await;
    assert_eq!(sim.call_count("create", "TicketNote"), 1);
    assert_eq!(sim.call_count("query", "ticketnote"), 1);
    assert_eq!(sim.call_count("query", "Ticket"), 0);
    let calls = sim.calls();
    assert_eq!(calls.len(), 2);
    assert!(calls[0].committed);
    assert_eq!(calls[0].ids, got.ids());
    assert_eq!(calls[0].status, Some(200));
    assert!(!calls[1].committed);
    sim.reset_calls();
    assert!(sim.calls().is_empty());
}

#[tokio::test]
async fn dropping_the_tenant_closes_its_port() {
    let sim = AutotaskSim::start().await.unwrap();
    let url = sim.endpoint();
    assert!(reqwest::get(&url).await.is_ok());
    drop(sim);
    let closed = async {
        while reqwest::get(&url).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), closed)
        .await
        .unwrap();
}

#[tokio::test]
async fn control_endpoints_show_a_ticket_and_order_faults() {
    let sim = AutotaskSim::start().await.unwrap();
    let ticket = sim.demo().ticket;
    let control = |path: &str| format!("{}_sim/{path}", sim.web_url());
    let text = reqwest::get(control(&format!("tickets/{ticket}")))
        .await
        .unwrap();
    let value: serde_json::Value = serde_json::from_str(&text.text().await.unwrap()).unwrap();
    assert_eq!(value["ticket"]["id"], ticket);
    assert_eq!(value["notes"].as_array().unwrap().len(), 1);
    assert_eq!(value["time_entries"].as_array().unwrap().len(), 1);

    let client = reqwest::Client::new();
    let order = r#"{"kind": "Unauthorized401", "operation": "query", "entity": "ticket"}"#;
    let answer = client
        .post(control("faults"))
        .body(order)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(caller(&sim).query("Ticket", "").await.status, 401);
    assert_eq!(caller(&sim).query("Ticket", "").await.status, 200);
    let order = r#"{"kind": "Nonsense"}"#;
    let answer = client
        .post(control("faults"))
        .body(order)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 400);

    // Records, lists and calls.
    let post = |path: &str, body: &'static str| client.post(control(path)).body(body).send();
    let answer = post(
        "records/TicketNote",
        r#"{"TicketID": 7, "Title": "by hand"}"#,
    )
    .await
    .unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(sim.notes(7)[0].text("Title"), "by hand");
    assert!(sim.notes(7)[0].time("CreateDateTime").is_some());
    let wrong = post("records/TicketNote", r#"{"Titel": "by hand"}"#)
        .await
        .unwrap();
    assert_eq!(wrong.status().as_u16(), 400);
    post("picklists/TicketNote/Publish", r#"{"7": "Everybody"}"#)
        .await
        .unwrap();
    let info = caller(&sim)
        .call("GetFieldInfo", "<psObjectType>TicketNote</psObjectType>")
        .await;
    assert!(info.all("Label").contains(&"Everybody".to_owned()));
    let calls = reqwest::get(control("calls"))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let calls: serde_json::Value = serde_json::from_str(&calls).unwrap();
    assert_eq!(calls.as_array().unwrap().len(), 3);
    assert_eq!(calls[0]["status"], 401);

    // A link into the UI leads to the ticket.
    let link = format!(
        "{}Autotask/AutotaskExtend/ExecuteCommand.aspx?Code=OpenTicketDetail&TicketID={ticket}",
        sim.web_url()
    );
    assert_eq!(reqwest::get(link).await.unwrap().status().as_u16(), 200);
}

#[tokio::test]
async fn what_xml_forbids_is_a_fault() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    let ticket = sim.demo().ticket;
    for text in [
        "a\u{1}b",
        "a&#1;b",
        "a\u{b}b",
        "a&#xFFFF;b",
        "a\u{fffe}b",
        "a&nbsp;b",
    ] {
        let raw = crate::support::note(ticket, "t", "TEXT").replace("TEXT", text);
        let got = call.create(&[raw]).await;
        assert_eq!(got.status, 500, "{text:?}");
        assert!(got.one("faultstring").contains("unable to read request"));
    }
    assert_eq!(sim.notes(ticket).len(), 1);
}

#[tokio::test]
async fn a_query_comes_escaped_or_as_cdata_also_when_it_holds_one_itself() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    let id = sim.add(autotask_sim::Record::new("Ticket").set("Title", "odd ]]> title"));
    let query = "<queryxml><entity>Ticket</entity><query><field>Title<expression \
                 op=\"equals\">odd ]]&gt; title</expression></field></query></queryxml>";
    let escaped = crate::support::escape(query);
    let inner = query.replace("]]&gt;", "<![CDATA[]]]]><![CDATA[>]]>");
    let nested = inner.replace("]]>", "]]]]><![CDATA[>");
    for text in [
        format!("<sXML>{escaped}</sXML>"),
        format!("<sXML><![CDATA[{query}]]></sXML>"),
        format!("<sXML><![CDATA[{nested}]]></sXML>"),
    ] {
        assert_eq!(call.call("query", &text).await.stored(), [id], "{text}");
    }
}

#[tokio::test]
async fn version_1_5_lacks_what_came_later() {
    let sim = AutotaskSim::start().await.unwrap();
    let mut call = caller(&sim);
    call.url = sim.endpoint_v1_5();
    call.namespace = "http://autotask.net/ATWS/v1_5/";
    // Its header has no impersonation: the element is passed over.
    call.impersonate = Some(sim.demo().technician);
    let note = crate::support::note(sim.demo().ticket, "t", "d");
    let id = call.create(&[note]).await.stored()[0];
    let stored = sim.record("TicketNote", id).unwrap();
    assert_eq!(stored.int("CreatorResourceID"), Some(sim.demo().api_user));
    let got = call
        .call("IntegrationCodeCheck", "<userName>x</userName>")
        .await;
    assert_eq!(got.status, 500);
    call.query("TicketHistory", "").await.refused();
    let fields = call
        .call("GetFieldInfo", "<psObjectType>Ticket</psObjectType>")
        .await;
    assert!(!fields.all("Name").contains(&"RmaType".to_owned()));
    assert!(fields.all("IsSupportedWebhookField").is_empty());
    let entities = call.call("GetEntityInfo", "").await;
    assert!(entities.all("UserAccessForQuery").is_empty());
}
