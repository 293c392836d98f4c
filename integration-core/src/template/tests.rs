use super::*;

#[test]
fn the_built_in_templates_compile() {
    let templates = Templates::built_in();
    for name in TemplateName::ALL {
        assert!(templates.slot(name).built_in.is_ok(), "{name}");
    }
}

#[test]
fn names_are_read_with_and_without_the_ending() {
    assert_eq!(
        "session_report.hbs".parse(),
        Ok(TemplateName::SessionReport)
    );
    assert_eq!("note_title".parse(), Ok(TemplateName::NoteTitle));
    let error = "sesion_report.hbs".parse::<TemplateName>().unwrap_err();
    assert!(
        error.to_string().contains("session_report, note_title"),
        "{error}"
    );
}

#[test]
fn a_template_that_does_not_compile_is_refused_with_its_place() {
    let mut templates = Templates::built_in();
    let error = templates
        .set(TemplateName::SessionReport, "one\n{{#if zone}}x")
        .unwrap_err();
    assert!(
        error.to_string().contains("session_report at line 2"),
        "{error}"
    );
    assert_eq!(format!("{templates:?}"), "Templates { replaced: [] }");
    templates
        .set(TemplateName::SessionReport, "{{zone}}")
        .unwrap();
    assert_eq!(
        format!("{templates:?}"),
        "Templates { replaced: [SessionReport] }"
    );
    templates.reset(TemplateName::SessionReport);
    assert_eq!(format!("{templates:?}"), "Templates { replaced: [] }");
}

fn refusal(source: &str) -> String {
    let mut templates = Templates::built_in();
    templates
        .set(TemplateName::SessionReport, source)
        .unwrap_err()
        .to_string()
}

#[test]
fn a_template_that_could_recurse_for_ever_is_refused() {
    for source in [
        "{{#*inline \"a\"}}x{{> a}}{{/inline}}{{> a}}",
        "{{#if zone}}\n{{> session_report}}{{/if}}",
        "{{#each transcript}}{{else}}{{#> other}}x{{/other}}{{/each}}",
    ] {
        let error = refusal(source);
        assert!(
            error.contains("partials and decorators are not supported"),
            "{error}"
        );
        assert!(error.contains("line"), "{error}");
    }
    let deep = format!("{}{}", "{{#if zone}}".repeat(40), "{{/if}}".repeat(40));
    assert!(refusal(&deep).contains("nested too deeply"));
}

#[test]
fn a_template_that_runs_wild_is_stopped() {
    let wild = Engine::custom(
        TemplateName::SessionReport,
        "{{#each l}}{{#each ../l}}{{#each ../../l}}{{../../../text}}{{/each}}{{/each}}{{/each}}",
    )
    .unwrap();
    let list = vec![0; 100];
    let data = serde_json::json!({"l": list, "text": "x".repeat(100)});
    let error = wild.render(&Context::wraps(&data).unwrap()).unwrap_err();
    assert!(why(&error).contains("longer than 32 MB"), "{}", why(&error));
    let few = vec![0; 10];
    let fits = serde_json::json!({"l": few, "text": "x"});
    assert_eq!(
        wild.render(&Context::wraps(&fits).unwrap()).unwrap().len(),
        1000
    );
}

#[test]
fn a_failure_does_not_repeat_customer_text() {
    let data = serde_json::json!({"zone": "UTC", "chat": "SECRET", "map": {"a": 1}});
    let context = Context::wraps(&data).unwrap();
    for source in [
        "{{local_time chat}}",
        "{{duration chat}}",
        "{{indent zone chat}}",
        "{{local_time zone chat}}",
        "{{lookup map chat}}",
        "{{#each chat}}x{{/each}}",
        "{{len chat 1 2}}{{gt}}",
    ] {
        let engine = Engine::custom(TemplateName::SessionReport, source).unwrap();
        let error = engine.render(&context).expect_err(source);
        assert!(!why(&error).contains("SECRET"), "{source}: {}", why(&error));
    }
}
