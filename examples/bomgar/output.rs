//! Prints what was found: JSON lines for programs, tables for people.

use super::Outcome;
use serde::Serialize;
use std::io::Write;

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// One JSON object a line.
    Json,
    /// Columns, or lines of names and values.
    Table,
}

/// A column of a table and its width. Rows are printed as they come, so widths are fixed; what is
/// longer pushes the rest of its row to the right.
pub(super) type Column = (&'static str, usize);

/// A row of a table.
pub(super) trait Row {
    /// The columns.
    const COLUMNS: &'static [Column];

    /// The cells, one for each column.
    fn cells(&self) -> Vec<String>;
}

/// Prints results.
pub(super) struct Printer<'a> {
    output: &'a mut dyn Write,
    errors: &'a mut dyn Write,
    format: Format,
    has_head: bool,
}

impl<'a> Printer<'a> {
    pub(super) fn new(
        output: &'a mut dyn Write,
        errors: &'a mut dyn Write,
        format: Format,
    ) -> Self {
        Printer {
            output,
            errors,
            format,
            has_head: false,
        }
    }

    pub(super) fn is_table(&self) -> bool {
        self.format == Format::Table
    }

    /// One of several results.
    pub(super) fn item<T: Row + Serialize>(&mut self, item: &T) -> Outcome {
        match self.format {
            Format::Json => self.json(item),
            Format::Table => self.row(T::COLUMNS, &item.cells()),
        }
    }

    /// Several results, and how many parts beside them the SDK does not know.
    pub(super) fn items<T: Row + Serialize>(&mut self, items: &[T], unknown: usize) -> Outcome {
        items.iter().try_for_each(|item| self.item(item))?;
        if unknown > 0 {
            self.note(&format!(
                "{unknown} elements beside these are not known to this program"
            ))?;
        }
        if items.is_empty() {
            self.nothing()?;
        }
        Ok(())
    }

    /// A single result: an object, or names and values one below the other.
    pub(super) fn single<T: Serialize>(&mut self, value: &T, lines: &[(&str, String)]) -> Outcome {
        match self.format {
            Format::Json => self.json(value),
            Format::Table => self.lines(lines),
        }
    }

    /// A JSON object on a line of its own, at once.
    pub(super) fn json<T: Serialize>(&mut self, value: &T) -> Outcome {
        let mut line = serde_json::to_vec(value).map_err(std::io::Error::from)?;
        line.push(b'\n');
        self.output.write_all(&line)?;
        Ok(self.output.flush()?)
    }

    /// Names and values, without those that have none.
    pub(super) fn lines(&mut self, lines: &[(&str, String)]) -> Outcome {
        let filled = || lines.iter().filter(|(_, value)| !value.is_empty());
        let width = filled().map(|(name, _)| name.chars().count()).max();
        for (name, value) in filled() {
            let (name, value) = (clean(name), clean(value));
            writeln!(
                self.output,
                "{name:width$}  {value}",
                width = width.unwrap_or(0)
            )?;
        }
        Ok(self.output.flush()?)
    }

    /// A row of a table, and the heads before the first.
    pub(super) fn row(&mut self, columns: &[Column], cells: &[String]) -> Outcome {
        if !self.has_head {
            self.has_head = true;
            let heads: Vec<String> = columns.iter().map(|(head, _)| (*head).to_owned()).collect();
            self.row(columns, &heads)?;
        }
        let mut line = String::new();
        for ((_, width), cell) in columns.iter().zip(cells) {
            let cell = clean(cell);
            line.push_str(&cell);
            let missing = width.saturating_sub(cell.chars().count());
            line.extend(std::iter::repeat_n(' ', missing + 2));
        }
        writeln!(self.output, "{}", line.trim_end())?;
        Ok(self.output.flush()?)
    }

    /// Text as it is.
    pub(super) fn text(&mut self, text: &str) -> Outcome {
        self.output.write_all(text.as_bytes())?;
        Ok(self.output.flush()?)
    }

    /// Several lines of which each is cleaned.
    pub(super) fn tree(&mut self, text: &str) -> Outcome {
        for line in text.lines() {
            writeln!(self.output, "{}", clean(line).trim_end())?;
        }
        Ok(self.output.flush()?)
    }

    /// Bytes as they are.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Outcome {
        Ok(self.output.write_all(bytes)?)
    }

    /// Says to a person that there is nothing; programs see it by themselves.
    pub(super) fn nothing(&mut self) -> Outcome {
        match self.format {
            Format::Json => Ok(()),
            Format::Table => self.note("nothing found"),
        }
    }

    /// A message beside the results.
    pub(super) fn note(&mut self, text: &str) -> Outcome {
        writeln!(self.errors, "{}", clean(text))?;
        Ok(())
    }
}

/// Without control characters, which could do things to a terminal: texts come from customers.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// A text on one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Displays what is there.
pub(super) fn some(value: Option<impl std::fmt::Display>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}
