//! Data: every place of the server. Read by the routes, by the CapabilityStatement and by access control to come.

/// Where FHIR R4 is served.
pub const FHIR_BASE: &str = "/fhir/R4";

/// The HTTP method of a row. GET answers HEAD as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Reads.
    Get,
    /// Sends.
    Post,
}

/// Who may come in, once callers are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody: nothing about a person.
    Open,
    /// Whoever runs the gateway.
    Operator,
    /// The vendor whose place it is.
    Vendor,
    /// Who may read people's records.
    Clinical,
}

/// What a FHIR client knows a row as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fhir {
    /// Not part of FHIR's API.
    None,
    /// An interaction with the whole server.
    System(&'static str),
    /// An interaction with every resource type, as FHIR names it.
    Type(&'static str),
    /// An operation.
    Operation {
        /// Name without the `$`.
        name: &'static str,
        /// What it is offered on.
        on: On,
        /// Canonical URL of its definition.
        definition: &'static str,
    },
}

/// What an operation is offered on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// The whole server.
    System,
    /// Every resource type.
    EveryType,
    /// One resource type, or its instances.
    Type(&'static str),
}

/// What answers a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named as the file that answers it")]
pub enum Endpoint {
    Healthz,
    Readyz,
    Metrics,
    VendorList,
    ToVendor,
    Receipt,
    Original,
    Account,
    Coverage,
    Quarantine,
    Message,
    PersonDecision,
    PossibleMatches,
    Events,
    Webhook,
    Fetches,
    Capabilities,
    CurrentMedications,
    Document,
    Everything,
    SearchForm,
    HistoryInstance,
    Vread,
    Read,
    SearchType,
    ValidateSystem,
    ValidateType,
}

/// One place with one method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub verb: Verb,
    /// The path; names in braces stand for one segment.
    pub path: &'static str,
    /// What FHIR calls it.
    pub fhir: Fhir,
    /// Who may come in.
    pub access: Access,
    /// What answers.
    pub endpoint: Endpoint,
}

const fn row(verb: Verb, path: &'static str, fhir: Fhir, access: Access, endpoint: Endpoint) -> Route {
    Route { verb, path, fhir, access, endpoint }
}

/// The definition of `$validate`, which both of its rows share.
const VALIDATE: &str = "http://hl7.org/fhir/OperationDefinition/Resource-validate";

/// Every row. The first whose path fits is taken, so narrower paths stand before wider ones.
pub const ROUTES: &[Route] = &[
    row(Verb::Get, "/healthz", Fhir::None, Access::Open, Endpoint::Healthz),
    row(Verb::Get, "/readyz", Fhir::None, Access::Open, Endpoint::Readyz),
    row(Verb::Get, "/metrics", Fhir::None, Access::Operator, Endpoint::Metrics),
    row(Verb::Get, "/vendors", Fhir::None, Access::Open, Endpoint::VendorList),
    row(Verb::Get, "/vendors/{vendor}/receipts/{receipt}/original", Fhir::None, Access::Vendor, Endpoint::Original),
    row(Verb::Get, "/vendors/{vendor}/receipts/{receipt}/account", Fhir::None, Access::Vendor, Endpoint::Account),
    row(Verb::Get, "/vendors/{vendor}/receipts/{receipt}/coverage", Fhir::None, Access::Vendor, Endpoint::Coverage),
    row(Verb::Get, "/vendors/{vendor}/receipts/{receipt}/quarantine", Fhir::None, Access::Vendor, Endpoint::Quarantine),
    row(Verb::Post, "/vendors/{vendor}/{message}/$to-vendor", Fhir::None, Access::Vendor, Endpoint::ToVendor),
    row(Verb::Get, "/vendors/{vendor}/receipts/{receipt}", Fhir::None, Access::Vendor, Endpoint::Receipt),
    row(Verb::Get, "/vendors/{vendor}/fetches", Fhir::None, Access::Vendor, Endpoint::Fetches),
    row(Verb::Post, "/vendors/{vendor}", Fhir::None, Access::Vendor, Endpoint::Events),
    row(Verb::Post, "/webhooks/{name}", Fhir::None, Access::Vendor, Endpoint::Webhook),
    row(Verb::Post, "/vendors/{vendor}/{message}", Fhir::None, Access::Vendor, Endpoint::Message),
    row(Verb::Get, "/fhir/R4/metadata", Fhir::System("capabilities"), Access::Open, Endpoint::Capabilities),
    row(
        Verb::Get,
        "/fhir/R4/Patient/{id}/$everything",
        Fhir::Operation {
            name: "everything",
            on: On::Type("Patient"),
            definition: "http://hl7.org/fhir/OperationDefinition/Patient-everything",
        },
        Access::Clinical,
        Endpoint::Everything,
    ),
    row(
        Verb::Get,
        "/fhir/R4/Patient/{id}/$current-medications",
        Fhir::Operation {
            name: "current-medications",
            on: On::Type("Patient"),
            definition: "https://gateway.example.org/OperationDefinition/Patient-current-medications",
        },
        Access::Clinical,
        Endpoint::CurrentMedications,
    ),
    row(
        Verb::Get,
        "/fhir/R4/Patient/{id}/$document",
        Fhir::Operation {
            name: "document",
            on: On::Type("Patient"),
            definition: "https://gateway.example.org/OperationDefinition/Patient-document",
        },
        Access::Clinical,
        Endpoint::Document,
    ),
    row(
        Verb::Post,
        "/fhir/R4/Patient/$person-decision",
        Fhir::Operation {
            name: "person-decision",
            on: On::Type("Patient"),
            definition: "https://gateway.example.org/OperationDefinition/Patient-person-decision",
        },
        Access::Operator,
        Endpoint::PersonDecision,
    ),
    row(
        Verb::Get,
        "/fhir/R4/Patient/$possible-matches",
        Fhir::Operation {
            name: "possible-matches",
            on: On::Type("Patient"),
            definition: "https://gateway.example.org/OperationDefinition/Patient-possible-matches",
        },
        Access::Operator,
        Endpoint::PossibleMatches,
    ),
    row(
        Verb::Post,
        "/fhir/R4/$validate",
        Fhir::Operation { name: "validate", on: On::System, definition: VALIDATE },
        Access::Clinical,
        Endpoint::ValidateSystem,
    ),
    row(
        Verb::Post,
        "/fhir/R4/{type}/$validate",
        Fhir::Operation { name: "validate", on: On::EveryType, definition: VALIDATE },
        Access::Clinical,
        Endpoint::ValidateType,
    ),
    row(Verb::Post, "/fhir/R4/{type}/_search", Fhir::Type("search-type"), Access::Clinical, Endpoint::SearchForm),
    row(Verb::Get, "/fhir/R4/{type}/{id}/_history/{version}", Fhir::Type("vread"), Access::Clinical, Endpoint::Vread),
    row(
        Verb::Get,
        "/fhir/R4/{type}/{id}/_history",
        Fhir::Type("history-instance"),
        Access::Clinical,
        Endpoint::HistoryInstance,
    ),
    row(Verb::Get, "/fhir/R4/{type}/{id}", Fhir::Type("read"), Access::Clinical, Endpoint::Read),
    row(Verb::Get, "/fhir/R4/{type}", Fhir::Type("search-type"), Access::Clinical, Endpoint::SearchType),
];

/// The interactions with a resource type, each once.
pub fn type_interactions() -> Vec<&'static str> {
    let mut names = Vec::new();
    for route in ROUTES {
        if let Fhir::Type(name) = route.fhir
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// The operations on a resource type, as name and definition.
pub fn type_operations(wanted: &str) -> Vec<(&'static str, &'static str)> {
    operations(|on| on == On::EveryType || matches!(on, On::Type(own) if own == wanted))
}

/// The operations on the whole server, as name and definition.
pub fn system_operations() -> Vec<(&'static str, &'static str)> {
    operations(|on| on == On::System)
}

fn operations(offered: impl Fn(On) -> bool) -> Vec<(&'static str, &'static str)> {
    ROUTES
        .iter()
        .filter_map(|route| match route.fhir {
            Fhir::Operation { name, on, definition } if offered(on) => Some((name, definition)),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_people_is_not_open() {
        for route in ROUTES {
            let open = route.access == Access::Open;
            let harmless = ["/healthz", "/readyz", "/vendors", "/fhir/R4/metadata"].contains(&route.path);
            assert_eq!(open, harmless, "{}", route.path);
        }
    }

    #[test]
    fn fhir_rows_stand_under_the_base() {
        for route in ROUTES {
            assert_eq!(route.fhir != Fhir::None, route.path.starts_with(FHIR_BASE), "{}", route.path);
        }
    }

    #[test]
    fn no_place_has_a_method_twice() {
        for (number, route) in ROUTES.iter().enumerate() {
            let twice =
                ROUTES.iter().skip(number + 1).any(|other| other.path == route.path && other.verb == route.verb);
            assert!(!twice, "{}", route.path);
        }
    }
}
