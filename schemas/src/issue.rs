//! One finding about data: what is wrong, where, and what to do next; never a person's data.

use std::fmt;

/// How much an issue matters, as FHIR's `issue-severity` orders it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The item cannot be used as it is.
    Error,
    /// The item is used; somebody should look.
    Warning,
    /// Worth knowing; nothing to mend.
    Information,
}

impl Severity {
    /// The FHIR code (<https://hl7.org/fhir/R4/valueset-issue-severity.html>).
    pub fn code(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information => "information",
        }
    }
}

macro_rules! coded_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant,)+ }

        impl $name {
            /// Every value, in the order of the source.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The stable spelling, as it stands in an OperationOutcome.
            pub fn code(self) -> &'static str {
                match self { $($name::$variant => $code,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

coded_enum! {
    /// FHIR's `issue-type` codes that we use (<https://hl7.org/fhir/R4/valueset-issue-type.html>).
    IssueCode {
        /// Not well formed: not JSON, a wrong type, an unknown element.
        Structure = "structure",
        /// A required element is missing.
        Required = "required",
        /// A value is not allowed here.
        Value = "value",
        /// A rule about several values is broken.
        Invariant = "invariant",
        /// A code is not in the table or value set it belongs to.
        CodeInvalid = "code-invalid",
        /// A rule of the business or of the vendor's plugin.
        BusinessRule = "business-rule",
        /// Left out on purpose.
        Suppressed = "suppressed",
        /// Something was not there that is needed for a whole answer.
        Incomplete = "incomplete",
        /// We do not do this.
        NotSupported = "not-supported",
        /// No such thing.
        NotFound = "not-found",
        /// It was here and was deleted.
        Deleted = "deleted",
        /// The same thing twice.
        Duplicate = "duplicate",
        /// Nobody signed in.
        Login = "login",
        /// Not allowed.
        Forbidden = "forbidden",
        /// Two writers, or an old version.
        Conflict = "conflict",
        /// Several matches where one is needed.
        MultipleMatches = "multiple-matches",
        /// Bigger or deeper than a limit.
        TooLong = "too-long",
        /// Too many requests.
        Throttled = "throttled",
        /// Something we need is down; try again.
        Transient = "transient",
        /// Something we need is too slow.
        Timeout = "timeout",
        /// Our own fault.
        Exception = "exception",
        /// Worth knowing.
        Informational = "informational",
    }
}

coded_enum! {
    /// Our stable keys, the handle for programs and for the help pages. Never reused, never renamed.
    IssueKey {
        /// The body is not well-formed JSON.
        JsonSyntax = "json.syntax",
        /// An object names the same member twice, so one value would vanish.
        JsonDuplicateMember = "json.duplicate-member",
        /// Nesting goes deeper than the limit.
        JsonTooDeep = "json.too-deep",
        /// The body is bigger than the limit.
        BodyTooBig = "body.too-big",
        /// A value has another JSON type than the source schema says.
        SourceType = "source.type",
        /// A member that the source schema requires is missing.
        SourceRequired = "source.required-missing",
        /// A member that the source schema does not know.
        SourceUnknownField = "source.unknown-field",
        /// A code that is not in the list of the source schema.
        SourceUnknownCode = "source.unknown-code",
        /// A date, time or other format that cannot be read.
        SourceFormat = "source.format",
        /// Any other rule of the source schema.
        SourceRule = "source.rule",
        /// Bytes that are not the file format that the message is declared in.
        SourceUnreadable = "source.unreadable",
        /// A text that is not in the encoding it is declared in, or whose encoding had to be guessed.
        SourceEncoding = "source.encoding",
        /// A file or column that the message needs is missing, or one that nobody declared is there.
        SourceLayout = "source.layout",
        /// A value that a spreadsheet program has changed: digits, zeros or a date are gone.
        SourceDamaged = "source.damaged",
        /// A value that looks as if a spreadsheet program or a wrong encoding has changed it.
        SourceSuspicious = "source.suspicious",
        /// More rows, cells, elements or segments than are read.
        SourceTooMany = "source.too-many",
        /// An envelope that holds no payload that the plugin knows.
        SourceEnvelope = "source.envelope",
        /// A code that is not in the mapping's code table.
        MappingUnlistedCode = "mapping.unlisted-code",
        /// A value outside what its converter can carry.
        MappingOutsideDomain = "mapping.outside-domain",
        /// An identifier that fails its check digit.
        MappingCheckDigit = "mapping.check-digit",
        /// A value that no rule sent, kept with the original.
        MappingNotSent = "mapping.not-sent",
        /// A value the mapping has no outcome for; the call fails.
        MappingUnaccounted = "mapping.unaccounted",
        /// An element that cannot be computed though FHIR requires it.
        MappingCannotTranslate = "mapping.cannot-translate",
        /// A look-up by key that found nothing.
        MappingLookupMissing = "mapping.lookup-missing",
        /// Two items of one message claim the same identity.
        MappingDuplicateIdentity = "mapping.duplicate-identity",
        /// Secret text was withheld from what is sent.
        MappingSecretWithheld = "mapping.secret-withheld",
        /// A report that the plugin's mapping declares.
        MappingReport = "mapping.report",
        /// An item set aside by the plugin's own rule.
        MappingQuarantined = "mapping.quarantined",
        /// A local time that does not exist or exists twice.
        MappingLocalTime = "mapping.local-time",
        /// A FHIR value the vendor's format cannot hold, and that must not be dropped.
        MappingRefused = "mapping.refused",
        /// A FHIR value the vendor's format has no place for.
        MappingNoPlace = "mapping.no-place",
        /// A derived FHIR value that differs from what it is derived from.
        MappingInconsistent = "mapping.inconsistent",
        /// A FHIR resource that no rule of the message makes.
        MappingUnknownResource = "mapping.unknown-resource",
        /// No message of the vendor fits the payload, or several do.
        MappingMessageChoice = "mapping.message-choice",
        /// An element that the FHIR type does not have.
        TargetUnknownElement = "target.unknown-element",
        /// A resource type that R4 does not have.
        TargetUnknownType = "target.unknown-type",
        /// A required element is missing.
        TargetRequired = "target.required-missing",
        /// More values than the element may have.
        TargetTooMany = "target.too-many",
        /// A value has the wrong JSON type.
        TargetType = "target.type",
        /// A primitive is not written as its type demands.
        TargetFormat = "target.format",
        /// A code that its required value set does not have.
        TargetCode = "target.code",
        /// Two alternatives of one choice element.
        TargetChoice = "target.choice",
        /// An empty value, array or object where FHIR allows none.
        TargetEmpty = "target.empty",
        /// A value differs from the one that a profile fixes.
        TargetFixed = "target.fixed-value",
        /// A value lacks something of a profile's pattern.
        TargetPattern = "target.pattern",
        /// A slice has too few or too many values, or a value fits none of a closed slicing.
        TargetSlice = "target.slice",
        /// Slices do not come in the order of the profile.
        TargetSliceOrder = "target.slice-order",
        /// An invariant does not hold.
        TargetInvariant = "target.invariant",
        /// An invariant could not be evaluated.
        TargetInvariantNotJudged = "target.invariant-not-judged",
        /// A reference leads to a resource of a wrong type or profile, or is made in a way not allowed.
        TargetReference = "target.reference",
        /// A reference leads to nothing that is here.
        TargetReferenceUnresolved = "target.reference-unresolved",
        /// A contained resource that nothing refers to, without id, or with contents of its own.
        TargetContained = "target.contained",
        /// The same id twice.
        TargetDuplicateId = "target.duplicate-id",
        /// A rule of Bundles.
        TargetBundle = "target.bundle",
        /// A value conforms to none of the profiles its element asks for.
        TargetTypeProfile = "target.type-profile",
        /// An extension that is not known.
        TargetExtensionUnknown = "target.extension-unknown",
        /// An extension stands where its definition does not allow it.
        TargetExtensionContext = "target.extension-context",
        /// An extension and a modifier extension were taken for each other.
        TargetExtensionModifier = "target.extension-modifier",
        /// A profile that is not at hand, so that it was not judged.
        TargetProfileUnknown = "target.profile-unknown",
        /// A profile is for another type of resource.
        TargetProfileType = "target.profile-type",
        /// Parts of a profile could not be understood and were not judged.
        TargetProfileFault = "target.profile-fault",
        /// A code lies outside a value set that should be used where it fits.
        TargetCodeOutside = "target.code-outside",
        /// A code could not be judged here.
        TargetCodeNotChecked = "target.code-not-checked",
        /// The code system has no such code.
        TargetCodeUnknown = "target.code-unknown",
        /// A code is not written as its system writes codes.
        TargetCodeMalformed = "target.code-malformed",
        /// A code system that is misspelt, a value set's, or no absolute URI.
        TargetCodeSystem = "target.code-system",
        /// Words beside a code that its system does not have for it.
        TargetDisplay = "target.display",
        /// A text longer than the profile allows.
        TargetTooLong = "target.too-long",
        /// A value below the least or above the greatest allowed.
        TargetRange = "target.range",
        /// A narrative that XHTML rules of FHIR do not allow.
        TargetNarrative = "target.narrative",
        /// HTML in a plain text.
        TargetMarkup = "target.markup",
        /// A link or URL that cannot be meant so.
        TargetUrl = "target.url",
        /// An attachment that contradicts what is said of it.
        TargetAttachment = "target.attachment",
        /// Words of a definition resource that contradict each other (StructureDefinition, ValueSet, SearchParameter, ...).
        TargetDefinition = "target.definition",
        /// Answers that their questionnaire does not allow.
        TargetQuestionnaire = "target.questionnaire",
        /// A report that its measure does not allow.
        TargetMeasure = "target.measure",
        /// The body is not well-formed XML.
        XmlSyntax = "xml.syntax",
        /// XML that FHIR does not allow: a document type, an entity, a processing instruction, a wrong namespace.
        XmlForbidden = "xml.forbidden",
        /// Elements lie deeper in each other than the limit.
        XmlTooDeep = "xml.too-deep",
        /// Elements do not come in FHIR's order, which XML demands.
        XmlOrder = "xml.order",
        /// Text where FHIR has only elements.
        XmlText = "xml.text",
        /// An attribute that FHIR does not know there.
        XmlAttribute = "xml.attribute",
        /// Something of a FHIR package was left out.
        PackageLeftOut = "package.left-out",
        /// An NHS number whose check digit is wrong, or with spaces.
        UkNhsNumber = "uk.nhs-number",
        /// What is said of an NHS number's verification contradicts it.
        UkNhsNumberVerification = "uk.nhs-number-verification",
        /// An ODS code that is not written as ODS writes it, or in the wrong system.
        UkOdsCode = "uk.ods-code",
        /// A registration or user number that is not written as its register writes it.
        UkProfessionalNumber = "uk.professional-number",
        /// An identifier system that is a misspelling of a national one.
        UkIdentifierSystem = "uk.identifier-system",
        /// A medicine without the dm+d code it should have.
        UkDmd = "uk.dm-d",
        /// A SNOMED CT or dm+d identifier that cannot be one, or was damaged.
        UkSctid = "uk.sctid",
        /// A medicine without dosage text.
        UkDosageText = "uk.dosage-text",
        /// Dosage text that the structured dosage contradicts.
        UkDosageContradiction = "uk.dosage-contradiction",
        /// Dosing instructions in a note.
        UkDosageInNote = "uk.dosage-in-note",
        /// A status without the reason or date it needs, or one to avoid.
        UkMedicationStatus = "uk.medication-status",
        /// `doNotPerform`, which reads as its opposite when overlooked.
        UkDoNotPerform = "uk.do-not-perform",
        /// "No known allergies" beside an active allergy.
        UkNoKnownAllergies = "uk.no-known-allergies",
        /// An allergy that has ended and is sent as active.
        UkAllergyEnd = "uk.allergy-end",
        /// A degrade code of the wrong kind, or without the original words.
        UkDegradeCode = "uk.degrade-code",
        /// An extension that UK Core retired.
        UkRetiredExtension = "uk.retired-extension",
        /// A code without the words its author saw.
        UkOriginalTerm = "uk.original-term",
        /// Both the request and what was derived from it.
        UkBasedOnAndDerivedFrom = "uk.based-on-and-derived-from",
        /// An organisation as source without how to reach it.
        UkInformationSource = "uk.information-source",
        /// An empty list that does not say why.
        UkEmptyList = "uk.empty-list",
        /// A document that is no FHIR document, or of a kind that is not known.
        DocumentKind = "document.kind",
        /// A heading that the standard demands is missing.
        DocumentHeadingMissing = "document.heading-missing",
        /// A heading that the standard demands has nothing to say.
        DocumentHeadingEmpty = "document.heading-empty",
        /// A section whose code and title no standard knows, or that has no code.
        DocumentHeadingUnknown = "document.heading-unknown",
        /// A heading that stands more often than it may.
        DocumentHeadingRepeated = "document.heading-repeated",
        /// Something that the standard demands under a heading is missing.
        DocumentItemMissing = "document.item-missing",
        /// A narrative that is missing, or does not say what its entries say.
        DocumentNarrative = "document.narrative",
        /// A reference within a document that leads to nothing in it.
        DocumentReference = "document.reference",
        /// Something in a record or document that is about somebody else.
        DocumentOtherPerson = "document.other-person",
        /// Something is kept back by rule.
        DocumentWithheld = "document.withheld",
        /// Something of the record does not stand in the document.
        DocumentLeftOut = "document.left-out",
        /// A source failed, kept something back or is out of date.
        DocumentIncomplete = "document.incomplete",
        /// A source of a document.
        DocumentSource = "document.source",
        /// A standard whose headings are not certain.
        DocumentProvisional = "document.provisional",
        /// No such vendor.
        VendorUnknown = "vendor.unknown",
        /// The vendor has no such tenant.
        TenantUnknown = "tenant.unknown",
        /// The vendor has no such message.
        MessageUnknown = "message.unknown",
        /// An older version than the one kept; nothing changed.
        RevisionStale = "revision.stale",
        /// A resource is no longer in the source and was deleted.
        RevisionWithdrawn = "revision.withdrawn",
        /// The idempotency key was used before with another body.
        IdempotencyReused = "idempotency.reused",
        /// A decision about two Patients cannot be read, or cannot stand.
        PersonDecision = "person.decision",
        /// The content type is not accepted.
        HttpContentType = "http.content-type",
        /// No representation that the caller accepts.
        HttpAccept = "http.accept",
        /// No such place.
        HttpNotFound = "http.not-found",
        /// A request that cannot be read.
        HttpRequest = "http.request",
        /// The method is not offered here.
        HttpMethod = "http.method",
        /// The id is not known.
        ResourceNotFound = "resource.not-found",
        /// An item that is kept as one person's now says it is another's; nothing of it changed.
        ResourceOtherPerson = "resource.other-person",
        /// The resource was deleted.
        ResourceDeleted = "resource.deleted",
        /// The resource is withheld in all its versions: its sender's item is held back.
        ResourceWithheld = "resource.withheld",
        /// The resource is marked as one that these readers may not see.
        ResourceRestricted = "resource.restricted",
        /// A search parameter that is not known or cannot be read.
        SearchParameter = "search.parameter",
        /// Too much waits already.
        ServerBusy = "server.busy",
        /// A request took too long.
        ServerTimeout = "server.timeout",
        /// Storage did not answer.
        StorageUnavailable = "storage.unavailable",
        /// Our own fault.
        ServerFault = "server.fault",
    }
}

impl IssueKey {
    /// Whether it says that a resource has not the shape of its type: what breaks that cannot be read as FHIR at all.
    pub fn is_of_shape(self) -> bool {
        matches!(
            self,
            IssueKey::TargetUnknownElement
                | IssueKey::TargetUnknownType
                | IssueKey::TargetRequired
                | IssueKey::TargetTooMany
                | IssueKey::TargetType
                | IssueKey::TargetFormat
                | IssueKey::TargetCode
                | IssueKey::TargetChoice
                | IssueKey::TargetEmpty
                | IssueKey::JsonTooDeep
        )
    }
}

/// Line and column in the input, both from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// One finding. Checks return all they found; an issue is not a failure of the check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// How much it matters.
    pub severity: Severity,
    /// FHIR's word for its kind.
    pub code: IssueCode,
    /// Our stable key.
    pub key: IssueKey,
    /// One plain sentence without a person's data.
    pub text: String,
    /// What to do next.
    pub hint: Option<String>,
    /// The one deepest element at fault, as a FHIRPath (`Patient.name[0].family`).
    pub expression: Option<String>,
    /// The same place as a JSON Pointer into the resource, from which line and column are found; not written out.
    pub resource_pointer: Option<String>,
    /// The sender's own place: a JSON Pointer into the vendor's payload; empty text is the whole.
    pub pointer: Option<String>,
    /// The mapping rule concerned, as `file:line`.
    pub rule: Option<String>,
    /// Line and column of the input.
    pub position: Option<Position>,
    /// The member that is missing in the place named, where that is the fault; it stands in the text and hint too.
    pub missing: Option<String>,
    /// The sender's own place in words, where the format has some (`visits.csv row 17, column H "NHS No"`).
    pub address: Option<String>,
}

impl Issue {
    /// A finding with its sentence; the rest is added by the `with_` methods.
    pub fn new(severity: Severity, code: IssueCode, key: IssueKey, text: impl Into<String>) -> Issue {
        Issue {
            severity,
            code,
            key,
            text: text.into(),
            hint: None,
            expression: None,
            resource_pointer: None,
            pointer: None,
            rule: None,
            position: None,
            missing: None,
            address: None,
        }
    }

    /// An error.
    pub fn error(code: IssueCode, key: IssueKey, text: impl Into<String>) -> Issue {
        Issue::new(Severity::Error, code, key, text)
    }

    /// A warning.
    pub fn warning(code: IssueCode, key: IssueKey, text: impl Into<String>) -> Issue {
        Issue::new(Severity::Warning, code, key, text)
    }

    /// An information.
    pub fn information(code: IssueCode, key: IssueKey, text: impl Into<String>) -> Issue {
        Issue::new(Severity::Information, code, key, text)
    }

    /// Adds what to do next.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Issue {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the FHIR element at fault.
    pub fn with_expression(mut self, expression: impl Into<String>) -> Issue {
        self.expression = Some(expression.into());
        self
    }

    /// Adds the sender's own place.
    pub fn with_pointer(mut self, pointer: impl Into<String>) -> Issue {
        self.pointer = Some(pointer.into());
        self
    }

    /// Adds the mapping rule.
    pub fn with_rule(mut self, rule: impl AsRef<str>) -> Issue {
        self.rule = Some(rule.as_ref().to_string());
        self
    }

    /// Adds line and column.
    pub fn with_position(mut self, position: Position) -> Issue {
        self.position = Some(position);
        self
    }

    /// Adds the name of the member that is missing in the place named.
    pub fn with_missing(mut self, name: impl Into<String>) -> Issue {
        self.missing = Some(name.into());
        self
    }

    /// Adds the sender's own place in words.
    pub fn with_address(mut self, address: impl Into<String>) -> Issue {
        self.address = Some(address.into());
        self
    }

    /// Whether it stops the item.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Whether any issue is an error.
pub fn any_error(issues: &[Issue]) -> bool {
    issues.iter().any(Issue::is_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_spelled_once() {
        let mut codes: Vec<_> = IssueKey::ALL.iter().map(|key| key.code()).collect();
        codes.sort_unstable();
        let all = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }
}
