use bomgar_sim::{BomgarSim, Denial, Namespace, SessionSpec};

use crate::{command, element, get, http, token};

#[tokio::test]
async fn a_token_is_one_line_of_json_and_wrong_credentials_are_401() {
    let sim = BomgarSim::builder().client("id", "secret").start().await;
    let url = format!("{}/oauth2/token", sim.base_url());
    let send = |secret: &'static str| {
        http()
            .post(&url)
            .basic_auth("id", Some(secret))
            .form(&[("grant_type", "client_credentials")])
            .send()
    };
    let good = send("secret").await.unwrap();
    assert_eq!(good.status(), 200);
    assert_eq!(good.headers()["content-type"], "application/json");
    assert!(
        good.headers()
            .get_all("set-cookie")
            .iter()
            .any(|c| c.as_bytes().starts_with(b"ns_sl"))
    );
    let body = good.text().await.unwrap();
    assert!(body.starts_with("{\"access_token\":\""), "{body}");
    assert!(
        body.ends_with("\",\"token_type\":\"Bearer\",\"expires_in\":3600}"),
        "{body}"
    );

    let bad = send("wrong").await.unwrap();
    assert_eq!(bad.status(), 401);
    assert_eq!(
        bad.text().await.unwrap(),
        "{\"error\":\"invalid_client\",\"message\":\"Client authentication failed.\"}"
    );
    assert_eq!(sim.call_count("token"), 2);
}

#[tokio::test]
async fn credentials_also_come_as_form_fields_or_json() {
    let sim = BomgarSim::builder().client("id", "secret").start().await;
    let url = format!("{}/oauth2/token", sim.base_url());
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "id"),
        ("client_secret", "secret"),
    ];
    assert_eq!(
        http().post(&url).form(&form).send().await.unwrap().status(),
        200
    );
    let json = r#"{"grant_type":"client_credentials","client_id":"id","client_secret":"secret"}"#;
    let request = http()
        .post(&url)
        .header("content-type", "application/json")
        .body(json);
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert!(
        sim.calls()
            .iter()
            .all(|call| !format!("{call:?}").contains("\"secret\""))
    );
}

#[tokio::test]
async fn the_31st_token_kills_the_first() {
    let sim = BomgarSim::start().await;
    let first = token(&sim).await;
    let second = token(&sim).await;
    for _ in 0..29 {
        token(&sim).await;
    }
    let info = [("action", "get_api_info")];
    assert_eq!(get(&sim, &first, "/api/command", &info).await.status(), 401);
    assert_eq!(
        get(&sim, &second, "/api/command", &info).await.status(),
        200
    );
    sim.regenerate_secret();
    assert_eq!(
        get(&sim, &second, "/api/command", &info).await.status(),
        401
    );
}

#[tokio::test]
async fn replies_are_chunked_xml_under_both_spellings_of_the_path() {
    let sim = BomgarSim::start().await;
    let token = token(&sim).await;
    for path in ["/api/command", "/api/command.ns"] {
        let reply = get(&sim, &token, path, &[("action", "get_api_info")]).await;
        assert_eq!(reply.status(), 200);
        assert_eq!(reply.headers()["content-type"], "text/xml; charset=UTF-8");
        assert_eq!(reply.headers()["transfer-encoding"], "chunked");
        assert!(reply.headers().get("content-length").is_none());
        assert_eq!(reply.headers()["server"], "Apache");
        let body = reply.text().await.unwrap();
        assert!(body.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\n<api_information"));
        assert!(body.contains("<permission name=\"perm_command\">full_access</permission>"));
    }
}

#[tokio::test]
async fn an_api_call_without_a_good_token_is_401_json() {
    let sim = BomgarSim::start().await;
    for token in ["", "stale"] {
        let reply = get(&sim, token, "/api/reporting", &[]).await;
        assert_eq!(reply.status(), 401);
        let body: serde_json::Value = serde_json::from_str(&reply.text().await.unwrap()).unwrap();
        assert_eq!(body["error"], "access_denied");
    }
}

#[tokio::test]
async fn older_accounts_log_in_with_username_and_password() {
    let sim = BomgarSim::builder()
        .legacy_user("integration", "pw")
        .start()
        .await;
    let ask = |password: &'static str| {
        let url = format!("{}/api/command.ns", sim.base_url());
        let form = [
            ("action", "check_health"),
            ("username", "integration"),
            ("password", password),
        ];
        async move {
            http()
                .post(url)
                .form(&form)
                .send()
                .await
                .unwrap()
                .text()
                .await
                .unwrap()
        }
    };
    assert!(ask("pw").await.contains("<health_check"));
    assert!(ask("no").await.contains("<error>Login failed</error>"));
    assert!(!format!("{:?}", sim.calls()).contains("\"pw\""));
}

#[tokio::test]
async fn a_session_key_has_its_elements_in_the_recorded_order() {
    let sim = BomgarSim::start().await;
    let xml = command(
        &sim,
        &[
            ("action", "generate_session_key"),
            ("type", "support"),
            ("queue_id", "rep_username:technician"),
            ("session.custom.external_key", "48213"),
        ],
    )
    .await;
    let order = [
        "<type>support",
        "<expires>",
        "<queue available=\"1\">rep<",
        "<queue_id>7<",
        "<external_key>48213<",
        "<short_key>",
        "<key_url>",
        "<mail_subject>",
        "<mail_body>\n",
    ];
    let positions: Vec<usize> = order
        .iter()
        .map(|part| xml.find(part).unwrap_or_else(|| panic!("{part}: {xml}")))
        .collect();
    assert!(positions.is_sorted(), "{xml}");
    let short_key = element(&xml, "short_key").unwrap();
    assert!(short_key.len() == 7 && short_key.bytes().all(|b| b.is_ascii_digit()));
    let expires: i64 = element(&xml, "expires").unwrap().parse().unwrap();
    let now = jiff::Timestamp::now().as_second();
    assert!((expires - now - 86_400).abs() < 60);
    assert!(!xml.contains("<ttl>"));

    // The customer opens the address; the session has the key's external key.
    http()
        .get(element(&xml, "key_url").unwrap())
        .send()
        .await
        .unwrap();
    let lsid = sim.lsids().pop().unwrap();
    assert_eq!(sim.external_key(&lsid).unwrap(), "48213");
}

#[tokio::test]
async fn a_general_key_without_external_key_leaves_those_elements_out() {
    let sim = BomgarSim::start().await;
    let query = [
        ("action", "generate_session_key"),
        ("type", "support"),
        ("queue_id", "general"),
    ];
    let xml = command(&sim, &query).await;
    assert!(
        !xml.contains("<queue_id>") && !xml.contains("<external_key>"),
        "{xml}"
    );
}

#[tokio::test]
async fn keys_for_unknown_queues_and_oversized_fields_are_refused() {
    let sim = BomgarSim::start().await;
    let long = "x".repeat(1_025);
    for (name, value) in [
        ("queue_id", "rep_username:nobody"),
        ("queue_id", "team:99"),
        ("session.custom.external_key", long.as_str()),
        ("type", "other"),
    ] {
        let mut query = vec![
            ("action", "generate_session_key"),
            ("type", "support"),
            ("queue_id", "general"),
        ];
        query.push((name, value));
        assert!(command(&sim, &query).await.contains("<error "), "{name}");
    }
    assert!(sim.session_keys().is_empty());
}

#[tokio::test]
async fn attributes_keep_what_is_not_named_and_clear_what_is_empty() {
    let sim = BomgarSim::start().await;
    let lsid = sim.start_session(
        SessionSpec::new()
            .external_key("old")
            .custom_attribute("asset", "Asset", "A-77"),
    );
    let set = [
        ("action", "set_session_attributes"),
        ("lsid", lsid.as_str()),
        ("session.custom.external_key", "48213"),
        ("session.custom.site", "Lyon"),
    ];
    let xml = command(&sim, &set).await;
    assert_eq!(
        element(&xml, "success").unwrap(),
        "Session attributes were set"
    );
    assert_eq!(sim.external_key(&lsid).unwrap(), "48213");
    let ask = [
        ("action", "get_session_attributes"),
        ("lsid", lsid.as_str()),
    ];
    let xml = command(&sim, &ask).await;
    let asset = "<custom_attribute display_name=\"Asset\" code_name=\"asset\">A-77<";
    assert!(xml.contains(asset) && xml.contains(">Lyon<"), "{xml}");

    let clear = [
        ("action", "set_session_attributes"),
        ("lsid", lsid.as_str()),
        ("session.custom.asset", ""),
    ];
    command(&sim, &clear).await;
    assert!(!command(&sim, &ask).await.contains("A-77"));

    let end = [("action", "terminate_session"), ("lsid", lsid.as_str())];
    let xml = command(&sim, &end).await;
    assert_eq!(element(&xml, "success").unwrap(), "Successfully terminated");
    assert!(
        command(&sim, &set).await.contains("<error "),
        "only active sessions have attributes"
    );
}

#[tokio::test]
async fn permissions_are_checked() {
    let sim = BomgarSim::start().await;
    let key = [
        ("action", "generate_session_key"),
        ("type", "support"),
        ("queue_id", "general"),
    ];
    sim.set_permission("perm_command", "read_only");
    assert!(command(&sim, &key).await.contains("<error "));
    assert!(
        command(&sim, &[("action", "check_health")])
            .await
            .contains("<health_check")
    );
    sim.set_permission("perm_command", "deny");
    assert!(
        command(&sim, &[("action", "check_health")])
            .await
            .contains("<error ")
    );
    assert!(
        command(&sim, &[("action", "get_api_info")])
            .await
            .contains(">deny<")
    );
    sim.set_denial(Denial::Forbidden403);
    let token = token(&sim).await;
    assert_eq!(get(&sim, &token, "/api/command", &key).await.status(), 403);
}

#[tokio::test]
async fn unknown_actions_and_multipart_bodies_are_errors_with_status_200() {
    let sim = BomgarSim::start().await;
    assert!(
        command(&sim, &[("action", "make_tea")])
            .await
            .contains("<error ")
    );
    let reply = http()
        .post(format!(
            "{}/api/command?action=get_api_info",
            sim.base_url()
        ))
        .bearer_auth(token(&sim).await)
        .header("content-type", "multipart/form-data; boundary=x")
        .body("--x--")
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 200);
    assert!(reply.text().await.unwrap().contains("<error "));
}

#[tokio::test]
async fn the_namespace_can_be_chosen() {
    let sim = BomgarSim::builder()
        .namespace(Namespace::Bomgar)
        .start()
        .await;
    let info = [("action", "get_api_info")];
    let old = "xmlns=\"http://www.bomgar.com/namespaces/API/command\"";
    assert!(command(&sim, &info).await.contains(old));
    sim.set_namespace(Namespace::None);
    assert!(command(&sim, &info).await.contains("<api_information>"));
}

#[tokio::test]
async fn the_health_probe_answers_200_or_500() {
    let sim = BomgarSim::start().await;
    let probe = || {
        http()
            .get(format!("{}/check_health", sim.base_url()))
            .send()
    };
    assert_eq!(probe().await.unwrap().status(), 200);
    sim.set_healthy(false);
    assert_eq!(probe().await.unwrap().status(), 500);
}

#[tokio::test]
async fn a_console_script_begins_with_login() {
    let sim = BomgarSim::builder()
        .company("Example Support")
        .start()
        .await;
    let reply = http()
        .get(format!("{}/api/client_script", sim.base_url()))
        .query(&[
            ("type", "rep"),
            ("operation", "generate"),
            ("action", "start_pinned_client_session"),
            ("search_string", "ADA PC"),
            ("session.custom.external_key", "48213"),
        ])
        .send()
        .await
        .unwrap();
    assert_eq!(
        reply.headers()["content-disposition"],
        "attachment; filename=\"start_pinned_client_session.brcs-examplesupport\""
    );
    assert_eq!(
        reply.text().await.unwrap(),
        "BRCS1.0\naction=login\naction=start_pinned_client_session&search_string=ADA%20PC\
         &session.custom.external_key=48213\n"
    );
}

#[tokio::test]
async fn a_client_that_keeps_its_connection_is_noticed() {
    let sim = BomgarSim::start().await;
    let keeping = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/check_health", sim.base_url());
    for _ in 0..2 {
        keeping
            .get(&url)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
    }
    let closing = || http().get(&url).header("connection", "close").send();
    closing().await.unwrap();
    let reused: Vec<bool> = sim
        .calls()
        .iter()
        .map(|call| call.reused_connection)
        .collect();
    assert_eq!(reused, [false, true, false]);
}
