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
