//! The command-line tool against a simulated tenant, command by command.

// Helper functions fail for the test that calls them.
#![allow(clippy::unwrap_used, clippy::panic)]

mod dry_run;
mod expression;
mod records;
mod tenant;
mod ticket;
mod usage;
mod write;

use autotask_sim::AutotaskSim;
use examples::autotask::{Environment, status};
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

    /// The ids of the records of a run that went well.
    fn ids(&self) -> Vec<i64> {
        let records = self.json().into_iter();
        records
            .map(|record| record["id"].as_i64().unwrap())
            .collect()
    }

    /// The message of a run that ended with this code and gave nothing.
    fn message(&self, code: u8) -> &str {
        let ended = (self.code, self.output.as_str());
        assert_eq!(ended, (code, ""), "{}", self.errors);
        assert_eq!(self.errors.lines().count(), 1, "{}", self.errors);
        &self.errors
    }
}

/// A way to run the tool.
#[derive(Default)]
struct Tool {
    url: Option<String>,
    variables: Vec<(&'static str, String)>,
    input: Vec<u8>,
    terminal: bool,
}

impl Tool {
    /// With the tenant and its API user in the environment.
    fn new(sim: &AutotaskSim) -> Self {
        Tool {
            url: Some(sim.lookup_endpoint()),
            ..Tool::default()
        }
        .variable("AUTOTASK_USERNAME", sim.username())
        .variable("AUTOTASK_PASSWORD", sim.password())
        .variable("AUTOTASK_INTEGRATION_CODE", sim.integration_code())
    }

    fn variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.retain(|(known, _)| *known != name);
        self.variables.push((name, value.into()));
        self
    }

    fn input(mut self, input: impl AsRef<[u8]>) -> Self {
        self.input = input.as_ref().to_vec();
        self
    }

    async fn run(&self, arguments: &[&str]) -> Ran {
        let name = std::iter::once("autotask").chain(arguments.iter().copied());
        let mut arguments: Vec<OsString> = name.map(OsString::from).collect();
        if let Some(url) = &self.url {
            arguments.push(format!("--url={url}").into());
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
