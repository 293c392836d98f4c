//! `script-url`, `livelinks`

use super::Tool;
use bomgar_sim::BomgarSim;

fn tool() -> Tool {
    Tool::default().variable("BOMGAR_HOST", "support.example.com")
}

async fn url(arguments: &[&str]) -> String {
    let all = [&["script-url"][..], arguments].concat();
    let object = tool().run(&all).await.object();
    object["url"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_action_has_its_url() {
    for (arguments, expected) in [
        (&["login"][..], "login"),
        (
            &[
                "generate_session_key",
                "--external-key=4711",
                "--public-portal-hostname=help.a",
            ],
            "generate_session_key&session.custom.external_key=4711&public_portal_hostname=help.a",
        ),
        (
            &[
                "start_jump_item_session",
                "--search=PC 17",
                "--jump-method=local_push",
                "--credential-id=9",
                "--custom=tag=a+b",
            ],
            "start_jump_item_session&search_string=PC%2017&session.custom.tag=a%2Bb\
             &jump.method=local_push&credential_id=9",
        ),
        (
            &[
                "start_pinned_client_session",
                "--hostname=a",
                "--comments=b",
                "--tag=c",
                "--private-ip=d",
                "--public-ip=e",
            ],
            "start_pinned_client_session&client.hostname=a&client.comments=b&client.tag=c\
             &client.private_ip=d&client.public_ip=e",
        ),
        (
            &["push_and_start_local", "pc17"],
            "push_and_start_local&hostname=pc17",
        ),
        (
            &["push_and_start_remote", "pc17"],
            "push_and_start_remote&target=pc17",
        ),
        (
            &["start_vpro_session", "pc17", "--jumpoint=b"],
            "start_vpro_session&target=pc17&jumpoint=b",
        ),
        (
            &["start_rdp_session", "pc17"],
            "start_rdp_session&target=pc17",
        ),
        (
            &["start_vnc_session", "pc17"],
            "start_vnc_session&target=pc17",
        ),
        (
            &["start_shell_jump_session", "router", "--jumpoint=b"],
            "start_shell_jump_session&target=router&jumpoint=b",
        ),
        (
            &["raw", "start_x", "--parameter=room=12 b"],
            "start_x&room=12%20b",
        ),
    ] {
        let expected = format!(
            "https://support.example.com/api/client_script?type=rep&operation=generate\
             &action={expected}"
        );
        assert_eq!(url(arguments).await, expected);
    }
}

#[tokio::test]
async fn what_an_action_needs_is_demanded_and_passwords_are_not_taken() {
    for arguments in [
        &["start_pinned_client_session"][..],
        &["start_vpro_session", "pc17"],
        &["push_and_start_local"],
        &["login", "--web", "--script"],
        &["raw", "login", "--parameter=password=x"],
    ] {
        let all = [&["script-url"][..], arguments].concat();
        let ran = tool().run(&all).await;
        assert_eq!((ran.code, ran.output.as_str()), (2, ""), "{arguments:?}");
    }
}

#[tokio::test]
async fn the_script_the_line_and_the_web_console_are_other_forms() {
    let action = ["script-url", "push_and_start_local", "pc17"];
    let with = |flag| [&action[..], &[flag]].concat();
    let script = tool().run(&with("--script")).await.object();
    assert_eq!(
        script["script"],
        "BRCS1.0\naction=login\naction=push_and_start_local&hostname=pc17\n"
    );
    let line = tool().run(&with("--line")).await.object();
    assert_eq!(line["line"], "action=push_and_start_local&hostname=pc17");
    let url = tool().run(&with("--web")).await.object();
    let url = url["url"].as_str().unwrap();
    assert!(
        url.contains("?type=web_console&operation=execute&"),
        "{url}"
    );
    let ran = tool().run(&with("--table")).await;
    assert!(
        ran.output
            .starts_with("https://support.example.com/api/client_script?")
    );
    let ran = tool().run(&with("--ns")).await.object();
    assert!(
        ran["url"]
            .as_str()
            .unwrap()
            .contains("/api/client_script.ns?")
    );
}

#[tokio::test]
async fn the_url_makes_that_script_on_the_appliance() {
    let sim = BomgarSim::start().await;
    let action = ["script-url", "start_jump_item_session", "--search=PC 17 ü+"];
    let url = Tool::new(&sim).run(&action).await.object();
    let url = url["url"].as_str().unwrap().to_owned();
    let answer = reqwest::get(url).await.unwrap().text().await.unwrap();
    let with = [&action[..], &["--script"]].concat();
    let script = Tool::new(&sim).run(&with).await.object();
    assert_eq!(script["script"], answer);
}

#[tokio::test]
async fn livelinks_are_what_the_guide_says() {
    let links = tool().run(&["livelinks", "--ns"]).await.json();
    assert_eq!(links.len(), 2);
    assert_eq!(links[0]["kind"], "live_link");
    assert_eq!(
        links[0]["base_url"],
        "https://support.example.com/api/client_script.ns"
    );
    assert_eq!(
        links[0]["query_string"],
        "?type=rep&operation=generate&action=start_pinned_client_session\
         &search_string=<UDF-Device Name (ATG_InstalledProduct)>\
         &session.custom.external_key=<TICKETID>"
    );
    assert_eq!(links[1]["name"], "Bomgar Session Key");
}

#[tokio::test]
async fn the_other_addresses_are_shown_on_request() {
    let arguments = [
        "livelinks",
        "--jump-item",
        "--autotask-instance=5",
        "--receiver=mw.example.com",
        "--appliance=berlin",
    ];
    let links = tool().run(&arguments).await.json();
    let jump = links[0]["query_string"].as_str().unwrap();
    assert!(jump.contains("action=start_jump_item_session&jump.method=pinned"));
    assert_eq!(
        links[2]["url"],
        "https://ww5.autotask.net/Autotask/Views/ServiceDesk/ServiceDeskTicket/\
         service_ticket.aspx?ticketID=%SESSION.CUSTOM.EXTERNAL_KEY%"
    );
    assert_eq!(
        links[3]["url"],
        "http://mw.example.com:8180/ERSPost?appliance=berlin"
    );
    let table = [&arguments[..], &["--table", "--https"]].concat();
    let ran = tool().run(&table).await;
    for text in [
        "LiveLink Name: Bomgar Jump To CI",
        "https://mw.example.com/ERSPost?appliance=berlin",
        "Events to Send: Support Session End, Customer Exit Survey is Completed",
    ] {
        assert!(ran.output.contains(text), "{text}: {}", ran.output);
    }
    let wrong = [
        "livelinks",
        "--receiver=mw.example.com",
        "--appliance=site-2",
    ];
    assert_eq!(tool().run(&wrong).await.code, 2);
}
