//! Prints what was found: JSON lines for programs, tables for people.

use super::Outcome;
use clap::Args;
use serde::Serialize;
use std::io::Write;

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// One JSON object a line.
    Json,
    /// Columns, or lines of names and values.
    Table,
}

/// The choice of a format.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct FormatArgs {
    /// Print one JSON object a line, also at a terminal.
    #[arg(long, global = true, conflicts_with = "table")]
    json: bool,
    /// Print tables for people, also into files and pipes.
    #[arg(long, global = true)]
    table: bool,
}

impl FormatArgs {
    pub(crate) fn format(self, is_terminal: bool) -> Format {
        match (self.json, self.table || is_terminal) {
            (false, true) => Format::Table,
            _ => Format::Json,
        }
    }
}

/// A column of a table and its width. Rows are printed as they come, so widths are fixed; what is
/// longer pushes the rest of its row to the right.
pub(crate) type Column = (&'static str, usize);

/// A row of a table.
pub(crate) trait Row {
    /// The columns.
    const COLUMNS: &'static [Column];

    /// The cells, one for each column.
    fn cells(&self) -> Vec<String>;
}

/// Prints results.
pub(crate) struct Printer<'a> {
    output: &'a mut dyn Write,
    errors: &'a mut dyn Write,
    format: Format,
    has_head: bool,
}

impl<'a> Printer<'a> {
    pub(crate) fn new(
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

    pub(crate) fn is_table(&self) -> bool {
        self.format == Format::Table
    }

    /// One of several results.
    pub(crate) fn item<T: Row + Serialize>(&mut self, item: &T) -> Outcome {
        match self.format {
            Format::Json => self.json(item),
            Format::Table => self.row(T::COLUMNS, &item.cells()),
        }
    }

    /// Several results, and how many parts beside them the SDK does not know.
    pub(crate) fn items<T: Row + Serialize>(&mut self, items: &[T], unknown: usize) -> Outcome {
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
    pub(crate) fn single<T: Serialize>(&mut self, value: &T, lines: &[(&str, String)]) -> Outcome {
        match self.format {
            Format::Json => self.json(value),
            Format::Table => self.lines(lines),
        }
    }

    /// A JSON object on a line of its own, at once.
    pub(crate) fn json<T: Serialize>(&mut self, value: &T) -> Outcome {
        let mut line = serde_json::to_vec(value).map_err(std::io::Error::from)?;
        line.push(b'\n');
        self.output.write_all(&line)?;
        Ok(self.output.flush()?)
    }

    /// Names and values, without those that have none.
    pub(crate) fn lines(&mut self, lines: &[(&str, String)]) -> Outcome {
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
    pub(crate) fn row(&mut self, columns: &[Column], cells: &[String]) -> Outcome {
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
    pub(crate) fn text(&mut self, text: &str) -> Outcome {
        self.output.write_all(text.as_bytes())?;
        Ok(self.output.flush()?)
    }

    /// Several lines of which each is cleaned.
    pub(crate) fn tree(&mut self, text: &str) -> Outcome {
        for line in text.lines() {
            writeln!(self.output, "{}", clean(line).trim_end())?;
        }
        Ok(self.output.flush()?)
    }

    /// Bytes as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Outcome {
        Ok(self.output.write_all(bytes)?)
    }

    /// Says to a person that there is nothing; programs see it by themselves.
    pub(crate) fn nothing(&mut self) -> Outcome {
        match self.format {
            Format::Json => Ok(()),
            Format::Table => self.note("nothing found"),
        }
    }

    /// A message beside the results.
    pub(crate) fn note(&mut self, text: &str) -> Outcome {
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
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Displays what is there.
pub(crate) fn some(value: Option<impl std::fmt::Display>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}
