//! The page that says what the crate covers names tests that exist, and leaves nothing out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

const OPERATIONS: [&str; 15] = [
    "getZoneInfo",
    "query",
    "create",
    "update",
    "delete",
    "GetFieldInfo",
    "getUDFInfo",
    "GetEntityInfo",
    "getThresholdAndUsageInfo",
    "GetAttachment",
    "CreateAttachment",
    "DeleteAttachment",
    "GetWsdlVersion",
    "GetInvoiceMarkup",
    "IntegrationCodeCheck",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page() -> String {
    std::fs::read_to_string(root().join("../docs/autotask-soap.md")).unwrap()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("generated") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The text of every module that can hold tests, by the name that the page uses.
fn modules() -> HashMap<String, String> {
    let mut modules: HashMap<String, String> = HashMap::new();
    for (prefix, folders) in [
        ("", ["src", "tests/it"]),
        ("sim::", ["sim/src", "sim/tests/it"]),
        ("codegen::", ["codegen/src", "codegen/tests/it"]),
        (
            "tool::",
            ["../examples/autotask", "../examples/tests/autotask"],
        ),
    ] {
        let mut paths = Vec::new();
        for folder in folders {
            sources(&root().join(folder), &mut paths);
        }
        for path in paths {
            let mut name = path.file_stem().unwrap().to_str().unwrap();
            if name == "tests" {
                name = path
                    .parent()
                    .unwrap()
                    .file_name()
                    .unwrap()
                    .to_str()
                    .unwrap();
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let module = format!("{prefix}{name}");
            modules.entry(module).or_default().push_str(&text);
        }
    }
    modules
}

#[test]
fn every_test_that_is_named_exists() {
    let page = page();
    let modules = modules();
    let named: Vec<(&str, &str)> = page
        .split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|code| code.rsplit_once("::"))
        // Types and methods begin with a capital somewhere; tests and modules do not.
        .filter(|(module, test)| !format!("{module}{test}").contains(char::is_uppercase))
        // The prefixes alone.
        .filter(|(_, test)| !test.is_empty())
        .collect();
    assert!(named.len() > 150, "{}", named.len());
    let mut mistakes = Vec::new();
    for (module, test) in named {
        let found = modules.get(module).is_some_and(|text| is_test(text, test));
        if !found {
            mistakes.push(format!("{module}::{test}"));
        }
    }
    assert!(mistakes.is_empty(), "there are no tests {mistakes:?}");
}

/// Whether the module has a function of this name that is a test, not only one that helps.
fn is_test(module: &str, name: &str) -> bool {
    let head = format!("fn {name}(");
    let Some(at) = module.find(&head) else {
        return false;
    };
    let before = &module[..at];
    // Its attributes stand behind the end of what comes before.
    let from = before.rfind(['}', ';']).unwrap_or_default();
    before[from..].contains("test")
}

/// The first cells of a table's rows, without their back quotes, and the cells after them.
fn rows(page: &str, heading: &str) -> Vec<(String, Vec<String>)> {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n")).unwrap();
    let part = rest.split("\n## ").next().unwrap();
    part.lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .map(|line| {
            let mut cells = line.trim_end_matches('|').split(" | ").map(str::trim);
            let name = cells.next().unwrap().trim_end_matches('`').to_owned();
            (name, cells.map(str::to_owned).collect())
        })
        .collect()
}

#[test]
fn no_operation_is_left_out() {
    let names: Vec<String> = rows(&page(), "Operations")
        .into_iter()
        .map(|(name, cells)| {
            assert!(cells[4].contains("::"), "{name} has no test");
            name
        })
        .collect();
    assert_eq!(names, OPERATIONS);
}

/// Entities of a schema with their operations, by the schema's text.
fn entities(version: &str) -> Vec<(String, String, bool)> {
    let path = root().join(format!("codegen/schema/atws-{version}.toml"));
    let schema = std::fs::read_to_string(path).unwrap();
    schema
        .split("[[entity]]")
        .skip(1)
        .map(|entity| {
            let value = |key: &str| {
                let line = entity
                    .lines()
                    .find_map(|line| line.strip_prefix(&format!("{key} = ")));
                line.unwrap_or_default().trim_matches('"').to_owned()
            };
            let own_fields = value("user_defined_fields") == "true";
            (value("name"), value("operations"), own_fields)
        })
        .collect()
}

#[test]
fn every_entity_is_told_as_it_is() {
    let yes = |flag: bool| if flag { "yes" } else { "\u{2013}" };
    let older = entities("1.5");
    let wanted: Vec<(String, Vec<String>)> = entities("1.6")
        .into_iter()
        .map(|(name, operations, own_fields)| {
            let operations: Vec<&str> = operations
                .chars()
                .map(|letter| match letter {
                    'C' => "create",
                    'Q' => "query",
                    'U' => "update",
                    'D' => "delete",
                    other => panic!("{other}"),
                })
                .collect();
            let in_older = older.iter().any(|(older, ..)| *older == name);
            let cells = [&operations.join(", "), yes(in_older), yes(own_fields)];
            (name, cells.map(str::to_owned).to_vec())
        })
        .collect();
    assert_eq!(wanted.len(), 155);
    assert_eq!(rows(&page(), "Entities"), wanted);
}
