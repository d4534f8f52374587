#![doc = include_str!("../README.md")]

pub mod issue;
pub mod outcome;

pub mod input;
pub mod json;
pub mod json_pointer;
pub mod json_schema;
pub mod xhtml;
pub mod xml;

pub mod resource;
pub mod validator;

pub mod profile;

pub mod uk;

pub mod known;
pub mod terminology;

pub mod package;

pub mod fhir_path;

pub mod check_digit;
pub mod definition;
pub mod element_path;
pub mod number_text;
pub mod primitive;
pub mod spelling;
