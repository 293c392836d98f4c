//! What Autotask's text fields can hold: lengths in UTF-16 units, and only characters that XML
//! can carry.

use std::{borrow::Cow, ops::Range};

/// The length of `text` in UTF-16 units, in which Autotask's field lengths are counted.
pub(crate) fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Whether XML 1.0 can carry this character.
pub(crate) fn is_xml_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Makes `text` fit for XML and for reading: line ends become `\n`, and characters that XML cannot
/// carry become visible stand-ins of the same length (`␛` for escape, U+FFFD for non-characters).
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| is_xml_legal(c) && c != '\r') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push('\n');
            }
            c if is_xml_legal(c) => out.push(c),
            c => out.push(stand_in(c)),
        }
    }
    Cow::Owned(out)
}

fn stand_in(c: char) -> char {
    let code = u32::from(c);
    if code < 0x20 {
        // The block "Control Pictures" mirrors the control characters in order.
        char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER)
    } else {
        char::REPLACEMENT_CHARACTER
    }
}

/// Puts `text` on one line: every run of white space becomes one blank, none at the ends.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The longest beginning of `text` of at most `limit` UTF-16 units, as a byte offset.
fn prefix_within(text: &str, limit: usize) -> usize {
    let mut used = 0;
    for (offset, c) in text.char_indices() {
        used += c.len_utf16();
        if used > limit {
            return offset;
        }
    }
    text.len()
}

/// `text`, shortened to `limit` UTF-16 units with an ellipsis at its end if it is longer.
pub(crate) fn ellipsis(text: &str, limit: usize) -> Cow<'_, str> {
    if utf16_len(text) <= limit {
        return Cow::Borrowed(text);
    }
    let kept = &text[..prefix_within(text, limit.saturating_sub(1))];
    Cow::Owned(format!("{}…", kept.trim_end()))
}

/// Cuts `text` into pieces of at most `limit` UTF-16 units (at least 2). Put together again they
/// are exactly `text`. Cuts lie behind a line end where there is one in reach, else behind a
/// blank, else between any two characters.
pub(crate) fn split(text: &str, limit: usize) -> Vec<&str> {
    pieces(text, limit.max(2))
        .into_iter()
        .map(|range| &text[range])
        .collect()
}

fn pieces(text: &str, limit: usize) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    loop {
        let rest = &text[start..];
        let reach = prefix_within(rest, limit);
        if reach == rest.len() {
            pieces.push(start..text.len());
            return pieces;
        }
        let window = &rest[..reach];
        // The break may lie directly at the edge only if the character before it is the line end.
        let cut = window
            .rfind('\n')
            .or_else(|| window.rfind(' '))
            .map_or(reach, |at| at + 1);
        pieces.push(start..start + cut);
        start += cut;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_are_counted_in_utf16_units() {
        assert_eq!(utf16_len("aé€"), 3);
        assert_eq!(utf16_len("😀"), 2);
    }

    #[test]
    fn illegal_characters_become_visible() {
        assert_eq!(clean("a\u{1b}[0m\u{0}\u{ffff}b\u{8}"), "a␛[0m␀\u{fffd}b␈");
        assert_eq!(
            clean("tab\tline\r\nline\rline\n"),
            "tab\tline\nline\nline\n"
        );
        assert!(matches!(clean("nothing to do"), Cow::Borrowed(_)));
    }

    #[test]
    fn an_ellipsis_marks_what_is_left_out() {
        assert_eq!(ellipsis("abcdef", 6), "abcdef");
        assert_eq!(ellipsis("abcdef", 5), "abcd…");
        // A character of two units is never halved.
        assert_eq!(ellipsis("a😀😀", 4), "a😀…");
        assert_eq!(ellipsis("ab cdef", 4), "ab…");
    }

    #[test]
    fn cuts_lie_at_line_ends_then_at_blanks_then_anywhere() {
        assert_eq!(split("one\ntwo\nthree\n", 8), ["one\ntwo\n", "three\n"]);
        assert_eq!(split("one two three", 8), ["one two ", "three"]);
        assert_eq!(split("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(split("😀😀", 3), ["😀", "😀"]);
        assert_eq!(split("", 8), [""]);
    }

    proptest! {
        #[test]
        fn splitting_loses_nothing_and_keeps_the_limit(
            text in "([a-z €😀\n]|\\PC){0,200}",
            limit in 2usize..40,
        ) {
            let parts = split(&text, limit);
            prop_assert_eq!(parts.concat(), text.as_str());
            for part in &parts {
                prop_assert!(utf16_len(part) <= limit);
            }
            prop_assert!(parts.len() == 1 || parts.iter().all(|part| !part.is_empty()));
        }

        #[test]
        fn lines_stay_whole_where_they_fit(lines in prop::collection::vec("[a-z ]{0,10}", 0..30)) {
            let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
            for part in split(&text, 12) {
                prop_assert!(part.is_empty() || part.ends_with('\n'));
            }
        }

        #[test]
        fn what_is_cleaned_is_legal_as_long_and_stays(text in any::<String>()) {
            let cleaned = clean(&text).into_owned();
            prop_assert!(cleaned.chars().all(is_xml_legal));
            prop_assert!(utf16_len(&cleaned) <= utf16_len(&text));
            prop_assert_eq!(clean(&cleaned), cleaned.as_str());
        }
    }
}
