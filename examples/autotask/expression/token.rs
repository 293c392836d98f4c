//! The parts of an expression.

use std::fmt;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// Without quotes.
    Word(String),
    /// In quotes.
    Text(String),
    Symbol(&'static str),
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Word(word) => write!(f, "'{word}'"),
            Token::Text(text) => write!(f, "the text '{text}'"),
            Token::Symbol(symbol) => write!(f, "'{symbol}'"),
        }
    }
}

/// Longer ones first.
const SYMBOLS: &[&str] = &["!=", "<=", ">=", "(", ")", ",", "=", "<", ">"];

/// The tokens, each with the number of its first character, from 1.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let at = text[..text.len() - rest.len()].chars().count() + 1;
        let Some(first) = rest.chars().next() else {
            return Ok(tokens);
        };
        let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
        if let Some(symbol) = symbol {
            tokens.push((Token::Symbol(symbol), at));
            rest = &rest[symbol.len()..];
        } else if matches!(first, '\'' | '"') {
            let (inner, after) = quoted(&rest[1..], first)
                .ok_or_else(|| format!("the text that begins at character {at} has no end"))?;
            tokens.push((Token::Text(inner), at));
            rest = after;
        } else {
            let end = rest
                .find(|c: char| c.is_whitespace() || "()=!<>,'\"".contains(c))
                .unwrap_or(rest.len());
            if end == 0 {
                return Err(super::wrong(at, &format!("'{first}' means nothing here")));
            }
            tokens.push((Token::Word(rest[..end].to_owned()), at));
            rest = &rest[end..];
        }
    }
}

/// The text up to the closing quote, and what comes after it.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut inner = String::new();
    let mut rest = text;
    loop {
        let end = rest.find(quote)?;
        inner.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        if !rest.starts_with(quote) {
            return Some((inner, rest));
        }
        inner.push(quote);
        rest = &rest[1..];
    }
}
