//! The command-line tool against a simulated appliance, command by command.

// Helper functions fail for the test that calls them.
#![allow(clippy::unwrap_used, clippy::panic)]

mod account;
mod appliance;
mod event;
mod links;
mod recording;
mod report;
mod sessions;
mod usage;

use bomgar_sim::BomgarSim;
use examples::bomgar::{Environment, status};
use serde_json::Value;
use std::ffi::OsString;

/// How a run of the tool ended.
struct Ran {
    code: u8,
    output: String,
    errors: String,
}

impl Ran {
    /// The JSON objects of a run that went well.
    fn json(&self) -> Vec<Value> {
        assert_eq!((self.code, self.errors.as_str()), (0, ""));
        let lines = self.output.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The only JSON object.
    fn object(&self) -> Value {
        let mut objects = self.json();
        assert_eq!(objects.len(), 1, "{}", self.output);
        objects.remove(0)
    }
}

/// A way to run the tool.
#[derive(Default)]
struct Tool {
    base_url: Option<String>,
    variables: Vec<(&'static str, String)>,
    input: Vec<u8>,
    terminal: bool,
}

impl Tool {
    /// With the appliance and its account in the environment.
    fn new(sim: &BomgarSim) -> Self {
        Tool {
            base_url: Some(sim.base_url()),
            variables: vec![
                ("BOMGAR_CLIENT_ID", sim.client_id()),
                ("BOMGAR_CLIENT_SECRET", sim.client_secret()),
            ],
            ..Tool::default()
        }
    }

    fn variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    fn input(mut self, input: impl AsRef<[u8]>) -> Self {
        self.input = input.as_ref().to_vec();
        self
    }

    async fn run(&self, arguments: &[&str]) -> Ran {
        let name = std::iter::once("bomgar").chain(arguments.iter().copied());
        let mut arguments: Vec<OsString> = name.map(OsString::from).collect();
        if let Some(url) = &self.base_url {
            arguments.push(format!("--base-url={url}").into());
        }
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        let variable = |name: &str| {
            let mut found = self.variables.iter().filter(|(known, _)| *known == name);
            found.next().map(|(_, value)| value.clone())
        };
        let environment = Environment {
            variable: &variable,
            input: &mut self.input.as_slice(),
            output: &mut output,
            errors: &mut errors,
            output_is_terminal: self.terminal,
            errors_are_terminal: false,
        };
        let code = status(arguments, environment).await;
        Ran {
            code,
            output: String::from_utf8(output).unwrap(),
            errors: String::from_utf8(errors).unwrap(),
        }
    }
}
