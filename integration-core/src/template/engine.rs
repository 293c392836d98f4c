//! One compiled template, so fenced in that a bad one fails and does no other harm.

use super::{TemplateError, TemplateName, helpers};
use handlebars::{
    Context, Handlebars, RenderError, RenderErrorReason,
    template::{HelperTemplate, Template, TemplateElement},
};
use std::io::{self, Write};

/// A custom template that gives more bytes than this has run wild.
const OUTPUT_LIMIT: usize = 32 << 20;
/// Blocks may be nested this deep.
const DEPTH_LIMIT: usize = 32;

/// Each template has a registry of its own, so that templates cannot include each other.
pub(super) struct Engine {
    registry: Handlebars<'static>,
    name: TemplateName,
    output_limit: usize,
}

impl Engine {
    /// A template of the user's.
    pub(super) fn custom(name: TemplateName, source: &str) -> Result<Self, TemplateError> {
        Engine::compile(name, source, OUTPUT_LIMIT)
    }

    /// A template of ours: its text is as long as the session.
    pub(super) fn built_in(name: TemplateName) -> Result<Self, TemplateError> {
        Engine::compile(name, name.built_in_source(), usize::MAX)
    }

    fn compile(
        name: TemplateName,
        source: &str,
        output_limit: usize,
    ) -> Result<Self, TemplateError> {
        let refused = |place: Option<(usize, usize)>, what: &str| {
            let at = match place {
                Some((line, column)) => format!(" at line {line}, column {column}"),
                None => String::new(),
            };
            TemplateError(format!("template {name}{at}: {what}"))
        };
        let template = Template::compile_with_name(source, name.as_str().to_owned())
            .map_err(|error| refused(error.pos(), &error.reason().to_string()))?;
        inspect(&template, 0).map_err(|(place, what)| refused(place, what))?;

        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        registry.register_escape_fn(handlebars::no_escape);
        helpers::register(&mut registry);
        registry.register_template(name.as_str(), template);
        Ok(Engine {
            registry,
            name,
            output_limit,
        })
    }

    pub(super) fn render(&self, context: &Context) -> Result<String, RenderError> {
        let mut output = Limited {
            bytes: Vec::new(),
            limit: self.output_limit,
        };
        self.registry
            .render_with_context_to_write(self.name.as_str(), context, &mut output)?;
        Ok(String::from_utf8(output.bytes)?)
    }
}

type Refusal = (Option<(usize, usize)>, &'static str);

/// Refuses what could recurse without end: that would not fail but end the process.
fn inspect(template: &Template, depth: usize) -> Result<(), Refusal> {
    let places = template
        .mapping
        .iter()
        .map(|place| Some((place.0, place.1)));
    let places = places.chain(std::iter::repeat(None));
    for (element, place) in template.elements.iter().zip(places) {
        match element {
            TemplateElement::PartialExpression(_)
            | TemplateElement::PartialBlock(_)
            | TemplateElement::DecoratorExpression(_)
            | TemplateElement::DecoratorBlock(_) => {
                return Err((place, "partials and decorators are not supported"));
            }
            TemplateElement::HelperBlock(block) => {
                if depth == DEPTH_LIMIT {
                    return Err((place, "its blocks are nested too deeply"));
                }
                let HelperTemplate {
                    template, inverse, ..
                } = block.as_ref();
                for inner in [template, inverse].into_iter().flatten() {
                    inspect(inner, depth + 1)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

struct Limited {
    bytes: Vec<u8>,
    limit: usize,
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.limit - self.bytes.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Says why a template failed, without the text of any session: only what stands in the template
/// itself is repeated.
pub(super) fn why(error: &RenderError) -> String {
    let reason = match error.reason() {
        RenderErrorReason::MissingVariable(Some(path)) => format!("there is no name {path}"),
        RenderErrorReason::MissingVariable(None) => "it uses a name that does not exist".to_owned(),
        RenderErrorReason::HelperNotFound(helper) => format!("there is no helper {helper}"),
        RenderErrorReason::IOError(_) => {
            format!("its text is longer than {} MB", OUTPUT_LIMIT >> 20)
        }
        reason @ (RenderErrorReason::ParamNotFoundForIndex(..)
        | RenderErrorReason::ParamNotFoundForName(..)
        | RenderErrorReason::ParamTypeMismatchForName(..)
        | RenderErrorReason::HashTypeMismatchForName(..)
        | RenderErrorReason::InvalidParamType(_)
        | RenderErrorReason::BlockContentRequired) => reason.to_string(),
        _ => "it cannot be rendered".to_owned(),
    };
    match (error.line_no, error.column_no) {
        (Some(line), Some(column)) => format!("line {line}, column {column}: {reason}"),
        _ => reason,
    }
}
