#![doc = include_str!("../README.md")]

pub mod standard;

mod privacy;
mod select;

mod addresses;
pub mod build;
mod composition;

mod narrative;
mod words;
mod xhtml;

pub mod check;
pub mod read;

pub mod page;
mod page_style;
mod plain;

mod tree;
