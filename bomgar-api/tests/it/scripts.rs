//! Script URLs and session URLs, as the simulated appliance answers them.

use bomgar_api::client_script::{Action, ClientSearch, JumpMethod, Script, ScriptUrl};
use bomgar_api::command::{GenerateSessionKey, Queue, SessionAttributes};
use bomgar_api::start_session::StartSessionUrl;
use bomgar_api::{Client, Credentials, Spelling};
use bomgar_sim::BomgarSim;

const KEY: &str = "{\"title\": \"A & B = 50 % + ü\"}";

async fn get(sim: &BomgarSim, interface: &str, query: &str) -> reqwest::Response {
    let url = format!("{}/api/{interface}?{query}", sim.base_url());
    reqwest::get(url).await.unwrap()
}

#[tokio::test]
async fn a_script_says_what_its_url_said() {
    let sim = BomgarSim::start().await;
    let key = || {
        SessionAttributes::new()
            .external_key(KEY)
            .custom("tag", "a+b")
    };
    let jump = Action::start_jump_item_session(ClientSearch::hostname("PC 17").and_tag("x&y"))
        .jump_method(JumpMethod::Pinned);
    let actions = [
        Action::generate_session_key().attributes(key()),
        jump.attributes(key()),
        Action::start_pinned_client_session(ClientSearch::text("50%")).attributes(key()),
    ];
    for action in actions {
        for interface in ["client_script", "client_script.ns"] {
            let query = ScriptUrl::new(action.clone()).query().unwrap();
            let answer = get(&sim, interface, &query).await;
            assert_eq!(answer.status(), 200);
            let text = answer.bytes().await.unwrap();
            assert_eq!(Script::parse(&text).unwrap(), Script::new(action.clone()));
        }
    }
}

#[tokio::test]
async fn a_script_is_named_for_the_action_and_the_site() {
    let sim = BomgarSim::start().await;
    let query = ScriptUrl::new(Action::generate_session_key()).query();
    let answer = get(&sim, "client_script", &query.unwrap()).await;
    let disposition = answer.headers()["content-disposition"].to_str().unwrap();
    let (_, name) = disposition.split_once("filename=").unwrap();
    let (_, site) = Script::split_file_name(name.trim_matches('"')).unwrap();
    assert!(!site.is_empty());
}

#[tokio::test]
async fn a_key_starts_its_session() {
    let sim = BomgarSim::start().await;
    let account = Credentials::oauth(sim.client_id(), sim.client_secret());
    let client = Client::builder(sim.base_url(), account).build().unwrap();
    for spelling in [Spelling::Plain, Spelling::Ns] {
        let request = GenerateSessionKey::new(Queue::General)
            .attributes(SessionAttributes::new().external_key(KEY));
        let key = client.generate_session_key(&request).await.unwrap();
        let url = StartSessionUrl::key(key.short_key)
            .customer_name("Ann Lee")
            .spelling(spelling)
            .url("appliance")
            .unwrap();
        let url = url.replace("https://appliance", &sim.base_url());
        let answer = reqwest::get(url).await.unwrap();
        assert_eq!(answer.status(), 200);
        let lsid = answer.headers()["x-sim-lsid"].to_str().unwrap();
        let session = client.support_session(lsid).await.unwrap().unwrap();
        assert_eq!(session.external_key.as_deref(), Some(KEY));
    }
}
