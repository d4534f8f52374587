//! Keeps together which Patients are one person, in the transaction that writes them.

use super::{ApplyError, Writing};
use crate::people::decision::{Choice, Decision, DecisionAnswer};
use crate::people::facts::Facts;
use crate::people::groups::{Decisions, Grouping, Member, group, pair};
use crate::people::resources::{Maker, audit, person, provenance};
use crate::store::submission::{Closing, Submission, SubmissionSource};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// So many Patients are compared with each other; a number that more share tells nobody apart and links nobody.
const MOST_COMPARED: usize = 64;

/// Applies a decision as it would a submission.
pub fn decide(
    connection: &Connection,
    decision: &Decision,
    now: jiff::Timestamp,
) -> Result<DecisionAnswer, ApplyError> {
    let alone = own_work();
    let mut writing = Writing::begin(connection, &alone, now)?;
    let [one, other] = &decision.patients;
    let mut both = Vec::new();
    for patient in [one, other] {
        match writing.facts(patient)? {
            Some(facts) => both.push(facts),
            None => return Ok(DecisionAnswer::UnknownPatient(patient.clone())),
        }
    }
    let traced: BTreeSet<&str> = both
        .iter()
        .filter(|facts| facts.nhs_number.is_verified())
        .filter_map(|facts| facts.nhs_number.digits())
        .collect();
    if decision.choice == Choice::Same && traced.len() > 1 {
        return Ok(DecisionAnswer::DifferentNumbers);
    }
    let (first, second) = pair(one, other);
    connection
        .prepare_cached(
            "INSERT INTO person_decision (one, other, choice, reason, decided_by, decided_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (one, other) DO UPDATE SET choice = excluded.choice, reason = excluded.reason,
                 decided_by = excluded.decided_by, decided_at = excluded.decided_at",
        )?
        .execute(params![first, second, decision.choice.code(), decision.reason, decision.by, writing.at])?;
    writing.match_people(&BTreeSet::from([one.clone(), other.clone()]), Maker::Decided(decision))?;
    let told = audit(decision, &writing.at);
    writing.put_resource(&told, None)?;
    let mut persons = BTreeSet::new();
    for patient in [one, other] {
        persons.extend(writing.person_of(patient)?);
    }
    Ok(DecisionAnswer::Stands(persons.into_iter().collect()))
}

/// Makes the keys and Persons of Patients that were kept before there were any.
pub fn rebuild(connection: &Connection, now: jiff::Timestamp) -> Result<(), ApplyError> {
    let patients: BTreeSet<String> = connection
        .prepare("SELECT DISTINCT id FROM resource_version WHERE resource_type = 'Patient'")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let alone = own_work();
    let mut writing = Writing::begin(connection, &alone, now)?;
    for patient in patients {
        writing.match_people(&BTreeSet::from([patient]), Maker::Rule)?;
    }
    Ok(())
}

/// What the gateway writes of itself, without a message of anybody.
fn own_work() -> Submission {
    Submission {
        vendor: String::new(),
        message: String::new(),
        origin: String::new(),
        source: SubmissionSource::Mend { receipt: String::new() },
        items: Vec::new(),
        leans: Vec::new(),
        fetches: Vec::new(),
        account: String::new(),
        close: Box::new(|_| Closing {
            resources: Vec::new(),
            quarantine: String::new(),
            status: 200,
            body: String::new(),
        }),
    }
}

impl Writing<'_> {
    /// Compares Patients that changed with all that may be the same people, and writes the Persons that change.
    pub(super) fn match_people(&mut self, touched: &BTreeSet<String>, maker: Maker<'_>) -> Result<(), ApplyError> {
        if touched.is_empty() {
            return Ok(());
        }
        let mut known: BTreeMap<String, Facts> = BTreeMap::new();
        for patient in touched {
            let facts = self.facts(patient)?;
            self.keep_keys(patient, facts.as_ref())?;
            known.extend(facts.map(|facts| (patient.clone(), facts)));
        }
        // Whoever is gone leaves the group it was in, whose other members are compared anew.
        let mut reached: BTreeSet<String> = touched.clone();
        let mut ahead: Vec<String> = touched.iter().cloned().collect();
        while let Some(patient) = ahead.pop() {
            for other in self.neighbours(&patient)? {
                if reached.insert(other.clone()) {
                    ahead.push(other);
                }
            }
        }
        for patient in reached.iter().filter(|patient| !touched.contains(*patient)) {
            known.extend(self.facts(patient)?.map(|facts| (patient.clone(), facts)));
        }
        let people: Vec<Facts> = known.into_values().collect();
        let grouping = if people.len() > MOST_COMPARED {
            tracing::warn!(
                patients = people.len(),
                "too many patients share a key of a person: none of them is linked"
            );
            Grouping::default()
        } else {
            group(&people, &self.decisions(&reached)?)
        };
        self.keep_doubts(&reached, &grouping)?;
        self.keep_groups(&reached, grouping.groups, maker)
    }

    fn facts(&self, patient: &str) -> Result<Option<Facts>, ApplyError> {
        Ok(self.kept_resource("Patient", patient)?.as_ref().map(Facts::of))
    }

    fn keep_keys(&self, patient: &str, facts: Option<&Facts>) -> rusqlite::Result<()> {
        self.connection.prepare_cached("DELETE FROM person_key WHERE patient = ?1")?.execute([patient])?;
        for (kind, value) in facts.map(Facts::keys).unwrap_or_default() {
            self.connection
                .prepare_cached("INSERT OR IGNORE INTO person_key (kind, value, patient) VALUES (?1, ?2, ?3)")?
                .execute(params![kind, value, patient])?;
        }
        Ok(())
    }

    /// Who shares a key with a Patient, who is in its group, and whom somebody decided about.
    fn neighbours(&self, patient: &str) -> rusqlite::Result<BTreeSet<String>> {
        self.connection
            .prepare_cached(
                "SELECT o.patient FROM person_key k JOIN person_key o ON o.kind = k.kind AND o.value = k.value
                 WHERE k.patient = ?1
                 UNION SELECT o.patient FROM person_member m JOIN person_member o ON o.person = m.person
                 WHERE m.patient = ?1
                 UNION SELECT other FROM person_decision WHERE one = ?1
                 UNION SELECT one FROM person_decision WHERE other = ?1",
            )?
            .query_map([patient], |row| row.get(0))?
            .collect()
    }

    fn decisions(&self, reached: &BTreeSet<String>) -> rusqlite::Result<Decisions> {
        let mut found = Decisions::new();
        for patient in reached {
            let rows: Vec<(String, String)> = self
                .connection
                .prepare_cached("SELECT other, choice FROM person_decision WHERE one = ?1")?
                .query_map([patient], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            let read = |(other, choice): (String, String)| Some((pair(patient, &other), Choice::from_code(&choice)?));
            found.extend(rows.into_iter().filter_map(read));
        }
        Ok(found)
    }

    fn keep_doubts(&self, reached: &BTreeSet<String>, grouping: &Grouping) -> rusqlite::Result<()> {
        for patient in reached {
            self.connection
                .prepare_cached("DELETE FROM person_doubt WHERE one = ?1 OR other = ?1")?
                .execute([patient])?;
        }
        for (one, other, doubt) in &grouping.doubts {
            self.connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO person_doubt (one, other, doubt, since) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![one, other, doubt.code(), self.at])?;
        }
        Ok(())
    }

    pub(super) fn person_of(&self, patient: &str) -> rusqlite::Result<Option<String>> {
        self.connection
            .prepare_cached("SELECT person FROM person_member WHERE patient = ?1")?
            .query_row([patient], |row| row.get(0))
            .optional()
    }

    /// Writes each group as the Person that most of its members were linked from, or as a new one; a Person that is left
    /// without a group links to nobody any more.
    fn keep_groups(
        &mut self,
        reached: &BTreeSet<String>,
        groups: Vec<Vec<Member>>,
        maker: Maker<'_>,
    ) -> Result<(), ApplyError> {
        let mut before: BTreeMap<String, String> = BTreeMap::new();
        for patient in reached {
            before.extend(self.person_of(patient)?.map(|person| (patient.clone(), person)));
        }
        let mut left: BTreeSet<String> = before.values().cloned().collect();
        for patient in reached {
            self.connection.prepare_cached("DELETE FROM person_member WHERE patient = ?1")?.execute([patient])?;
        }
        for members in groups {
            let person_id = self.person_for(&members, &before, &mut left);
            for member in &members {
                self.connection
                    .prepare_cached("INSERT INTO person_member (patient, person) VALUES (?1, ?2)")?
                    .execute(params![member.patient, person_id])?;
            }
            self.put_person(&person_id, &members, maker)?;
        }
        for person_id in left {
            self.put_person(&person_id, &[], maker)?;
        }
        Ok(())
    }

    fn person_for(&self, members: &[Member], before: &BTreeMap<String, String>, left: &mut BTreeSet<String>) -> String {
        let mut counted: BTreeMap<&String, usize> = BTreeMap::new();
        for person_id in members.iter().filter_map(|member| before.get(&member.patient)) {
            if left.contains(person_id) {
                *counted.entry(person_id).or_default() += 1;
            }
        }
        let most = counted.iter().max_by(|(one, many), (other, more)| many.cmp(more).then_with(|| other.cmp(one)));
        if let Some(chosen) = most.map(|(person_id, _)| (*person_id).clone()) {
            left.remove(&chosen);
            return chosen;
        }
        let name =
            format!("{} {}", self.seq, members.iter().map(|one| one.patient.as_str()).collect::<Vec<_>>().join(" "));
        Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string()
    }

    fn put_person(&mut self, id: &str, members: &[Member], maker: Maker<'_>) -> Result<(), ApplyError> {
        let mut members = members.to_vec();
        members.sort_by(|one, other| one.patient.cmp(&other.patient));
        let change = self.put_resource(&person(id, &members), None)?;
        if change.action.wrote() {
            let provenance_id = format!("{id}-{}", change.version);
            let told: Value = provenance(&provenance_id, id, change.version, &self.at.clone(), maker);
            self.put_resource(&told, None)?;
        }
        Ok(())
    }
}
