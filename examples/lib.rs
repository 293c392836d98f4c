//! Small programs that show the crates at work; see the folder's `*.rs` files and `daemon`.

// Makes the examples of the project's front page run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct FrontPage;

pub mod autotask;
pub mod bomgar;
mod tool;
