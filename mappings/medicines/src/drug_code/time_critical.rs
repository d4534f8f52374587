//! Medicines whose dose must not be late: a hint for readers, never a filter.
//!
//! Source: the lists of critical or time-critical medicines that NHS trusts publish in their medicines policies after the
//! NPSA's rapid response report on omitted and delayed medicines (2010). Taken in are the classes that such lists have in
//! common for people at home or in care homes, by names of substances and by the brands that these medicines are
//! prescribed by. The lists differ; what is not named here may be time-critical all the same, and a plan may say so.

use super::Drug;
use super::name::DrugName;
use super::strength::Measure;

macro_rules! classes {
    ($($(#[$meta:meta])* $variant:ident = $key:literal, $title:literal, [$($name:literal),+ $(,)?];)+) => {
        /// Why a dose must not be late.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Class { $($(#[$meta])* $variant,)+ }

        impl Class {
            /// Every class.
            pub const ALL: &'static [Class] = &[$(Class::$variant,)+];

            /// A stable key.
            pub fn key(self) -> &'static str {
                match self { $(Class::$variant => $key,)+ }
            }

            /// In words.
            pub fn title(self) -> &'static str {
                match self { $(Class::$variant => $title,)+ }
            }

            /// Names of substances and brands, in lower case.
            pub fn names(self) -> &'static [&'static str] {
                match self { $(Class::$variant => &[$($name),+],)+ }
            }
        }
    };
}

classes! {
    /// Parkinson's disease.
    Parkinsons = "parkinsons", "medicine for Parkinson's disease", [
        "co-careldopa", "co-beneldopa", "levodopa", "carbidopa", "benserazide", "entacapone", "opicapone", "tolcapone",
        "ropinirole", "pramipexole", "rotigotine", "apomorphine", "rasagiline", "selegiline", "safinamide", "amantadine",
        "sinemet", "madopar", "stalevo", "sastravi", "stanek", "caramet", "lecado", "duodopa", "comtess", "ongentys",
        "neupro", "apo-go", "dacepton", "xadago", "mirapexin", "requip",
    ];
    /// Insulin.
    Insulin = "insulin", "insulin", [
        "insulin", "novorapid", "fiasp", "humalog", "apidra", "lyumjev", "lantus", "abasaglar", "semglee", "toujeo",
        "levemir", "tresiba", "humulin", "insulatard", "actrapid", "novomix", "insuman", "hypurin", "trurapi", "xultophy",
        "suliqua",
    ];
    /// Epilepsy.
    Epilepsy = "epilepsy", "medicine against seizures", [
        "valproate", "valproic", "carbamazepine", "oxcarbazepine", "eslicarbazepine", "levetiracetam", "brivaracetam",
        "lamotrigine", "phenytoin", "phenobarbital", "primidone", "lacosamide", "topiramate", "zonisamide", "perampanel",
        "cenobamate", "rufinamide", "clobazam", "clonazepam", "ethosuximide", "vigabatrin", "tiagabine", "stiripentol",
        "felbamate", "gabapentin", "pregabalin", "epilim", "episenta", "tegretol", "keppra", "lamictal",
        "epanutin", "vimpat", "topamax", "fycompa", "briviact", "trileptal", "zonegran", "frisium", "convulex",
    ];
    /// Blood clotting.
    Anticoagulant = "anticoagulant", "anticoagulant", [
        "warfarin", "apixaban", "rivaroxaban", "edoxaban", "dabigatran", "acenocoumarol", "phenindione", "heparin",
        "dalteparin", "enoxaparin", "tinzaparin", "bemiparin", "fondaparinux", "eliquis", "xarelto", "lixiana", "pradaxa",
        "fragmin", "clexane", "inhixa", "innohep", "arixtra", "marevan", "sinthrome",
    ];
    /// Steroids that the body depends on.
    Corticosteroid = "corticosteroid", "corticosteroid that the body may depend on", [
        "hydrocortisone", "prednisolone", "prednisone", "dexamethasone", "fludrocortisone", "deflazacort", "betamethasone",
        "methylprednisolone", "plenadren", "alkindi", "hydventia",
    ];
    /// Myasthenia gravis.
    MyastheniaGravis = "myasthenia-gravis", "medicine for myasthenia gravis", ["pyridostigmine", "neostigmine", "mestinon"];
    /// Organ rejection and other immune disease.
    Immunosuppressant = "immunosuppressant", "immunosuppressant", [
        "ciclosporin", "tacrolimus", "sirolimus", "everolimus", "mycophenolate", "azathioprine", "neoral", "prograf",
        "advagraf", "adoport", "dailiport", "envarsus", "rapamune", "cellcept", "myfortic",
    ];
    /// HIV.
    Antiretroviral = "antiretroviral", "antiretroviral", [
        "abacavir", "lamivudine", "zidovudine", "tenofovir", "emtricitabine", "efavirenz", "rilpivirine", "doravirine",
        "etravirine", "nevirapine", "darunavir", "atazanavir", "ritonavir", "cobicistat", "dolutegravir", "raltegravir",
        "bictegravir", "elvitegravir", "maraviroc", "biktarvy", "triumeq", "dovato", "genvoya", "symtuza",
    ];
    /// Strong pain relief.
    StrongOpioid = "strong-opioid", "strong opioid", [
        "morphine", "oxycodone", "fentanyl", "buprenorphine", "methadone", "hydromorphone", "tapentadol", "diamorphine",
        "zomorph", "oramorph", "sevredol", "oxycontin", "oxynorm", "longtec", "shortec", "butec", "butrans", "matrifen",
    ];
    /// Water balance.
    Desmopressin = "desmopressin", "desmopressin", ["desmopressin", "ddavp", "desmotabs", "desmomelt"];
    /// Clozapine, which must be started anew after two days without it.
    Clozapine = "clozapine", "clozapine", ["clozapine", "clozaril", "denzapine", "zaponex"];
}

/// Words of forms that act where they are put; the classes are about what acts in the whole body.
const LOCAL_FORMS: &[&str] = &["cream", "ointment", "eye", "ear", "lotion", "shampoo", "mouthwash", "emollient"];
/// More of them, for substances that are often given so.
const MORE_LOCAL_FORMS: &[&str] = &["gel", "foam", "nasal", "inhaler", "enema", "buccal", "drops", "lozenge"];

/// The class of a medicine by the words of its name, where it has one.
pub fn time_critical(drug: &Drug) -> Option<Class> {
    let named = drug.parts.as_ref().and_then(class_of_name);
    // The words a person reads decide; displays help where the name is a brand nobody listed.
    named.or_else(|| {
        let displays = drug.codings.iter().filter(|coding| coding.id.is_some()).filter_map(|c| c.display.as_deref());
        displays.map(DrugName::read).find_map(|name| class_of_name(&name))
    })
}

fn class_of_name(name: &DrugName) -> Option<Class> {
    let has_form = |forms: &[&str]| name.form.iter().any(|form| forms.contains(form));
    let has_word = |wanted: &str| name.substance.iter().any(|word| word == wanted);
    if has_form(LOCAL_FORMS) || ["needle", "needles", "lancets", "bandage"].iter().any(|word| has_word(word)) {
        return None;
    }
    let class = *Class::ALL.iter().find(|class| class.names().iter().any(|own| has_word(own)))?;
    let in_units = name.strengths.iter().any(|strength| strength.amount.measure == Measure::Units);
    match class {
        Class::Corticosteroid | Class::Immunosuppressant if has_form(MORE_LOCAL_FORMS) => None,
        // Syringes for insulin hold none.
        Class::Insulin if name.form == ["syringe"] && !in_units => None,
        class => Some(class),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn medicines_that_trusts_list_as_time_critical_are_known_by_their_names() {
        for (name, expected) in [
            ("Co-careldopa 25mg/100mg tablets", Some(Class::Parkinsons)),
            ("SINEMET PLUS 25/100 TABS", Some(Class::Parkinsons)),
            ("Madopar 125 capsules", Some(Class::Parkinsons)),
            ("Insulin glargine 100units/ml solution for injection 3ml pre-filled pens", Some(Class::Insulin)),
            ("NovoRapid FlexPen 100units/ml", Some(Class::Insulin)),
            ("BD Micro-Fine insulin syringes 1ml", None),
            ("Insulin pen needles 4mm", None),
            ("Sodium valproate 200mg gastro-resistant tablets", Some(Class::Epilepsy)),
            ("Epilim Chrono 500mg", Some(Class::Epilepsy)),
            ("Warfarin 3mg tablets", Some(Class::Anticoagulant)),
            ("Apixaban 5mg tablets", Some(Class::Anticoagulant)),
            ("Heparinoid 0.3% cream", None),
            ("Hydrocortisone 10mg tablets", Some(Class::Corticosteroid)),
            ("Hydrocortisone 1% cream", None),
            ("Dexamethasone 0.1% eye drops", None),
            ("Tacrolimus 0.1% ointment", None),
            ("Tacrolimus 1mg capsules", Some(Class::Immunosuppressant)),
            ("Pyridostigmine bromide 60mg tablets", Some(Class::MyastheniaGravis)),
            ("Buprenorphine 10micrograms/hour transdermal patches", Some(Class::StrongOpioid)),
            ("Clozapine 100mg tablets", Some(Class::Clozapine)),
            ("Paracetamol 500mg tablets", None),
            ("Blister pack - morning", None),
            ("", None),
        ] {
            let drug = Drug::read(&json!({"text": name}), None);
            assert_eq!(time_critical(&drug), expected, "{name}");
        }
    }

    #[test]
    fn no_name_is_listed_in_two_classes() {
        let mut all: Vec<&str> = Class::ALL.iter().flat_map(|class| class.names()).copied().collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
