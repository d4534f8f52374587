//! The parameters of a query or form, decoded and in the order given.

use crate::error::GatewayError;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use std::future::{Ready, ready};

/// Names and values, decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(pub Vec<(String, String)>);

impl Parameters {
    /// Reads a query string or a form body.
    pub fn read(text: &str) -> Result<Parameters, GatewayError> {
        match web::Query::<Vec<(String, String)>>::from_query(text) {
            Ok(pairs) => Ok(Parameters(pairs.into_inner())),
            Err(_) => {
                Err(refused("The parameters cannot be read.", "encode them as application/x-www-form-urlencoded"))
            }
        }
    }

    /// The value of a parameter that may be given once.
    pub fn once(&self, name: &str) -> Result<Option<&str>, GatewayError> {
        let mut values = self.0.iter().filter(|(given, _)| given == name).map(|(_, value)| value.as_str());
        let first = values.next();
        match values.next() {
            Some(_) => Err(refused(format!("The parameter `{name}` is given more than once."), "give it once")),
            None => Ok(first),
        }
    }

    /// All values of a parameter.
    pub fn all<'p>(&'p self, name: &str) -> impl Iterator<Item = &'p str> {
        self.0.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Whether a yes-or-no parameter says yes.
    pub fn flag(&self, name: &str) -> Result<bool, GatewayError> {
        match self.once(name)? {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(refused(format!("The parameter `{name}` is neither true nor false."), "say true or false")),
        }
    }

    /// Refuses parameters that are not among those known.
    pub fn only(&self, known: &[&str]) -> Result<(), GatewayError> {
        match self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            // Only a name made of plain characters is shown: anything else might be a value gone astray.
            Some((name, _)) => Err(refused(unknown_text(name), format!("known here: {}", known.join(", ")))),
            None => Ok(()),
        }
    }
}

/// A sentence about a parameter that is not known.
pub fn unknown_text(name: &str) -> String {
    let plain = name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_-:.".contains(&byte));
    if plain {
        format!("The parameter `{name}` is not known here.")
    } else {
        "A parameter is not known here.".to_owned()
    }
}

/// An error about the parameters.
pub fn refused(text: impl Into<String>, hint: impl Into<String>) -> GatewayError {
    let issue = Issue::error(IssueCode::Value, IssueKey::SearchParameter, text).with_hint(hint);
    GatewayError::BadRequest(vec![issue])
}

impl FromRequest for Parameters {
    type Error = GatewayError;
    type Future = Ready<Result<Parameters, GatewayError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Parameters::read(request.query_string()))
    }
}
