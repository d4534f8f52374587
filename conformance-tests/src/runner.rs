//! Runs a suite against one server, test after test, and keeps what became of each.

use crate::assertion;
use crate::client::{Client, ClientError, Request};
use crate::facts::{Facts, claims_interaction, claims_operation};
use crate::requirement::Conformance;
use crate::suite::{Claim, Expectation, RequestTemplate, Suite, Test};
use crate::verdict::{Checked, Stop, Verdict};
use serde_json::Value;

/// What the caller asks for beyond the suite itself.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The NHS number of a Patient to use, where the server does not list Patients.
    pub nhs_number: Option<String>,
    /// Leave out tests of what a server only SHOULD do.
    pub shall_only: bool,
}

/// What became of a whole suite.
#[derive(Debug, Clone)]
pub struct Run {
    /// The base URL asked.
    pub server: String,
    /// One result a test, in the suite's order.
    pub results: Vec<TestResult>,
}

/// What became of one test.
#[derive(Debug, Clone)]
pub struct TestResult {
    /// Handle of the group.
    pub group: String,
    /// Handle of the test.
    pub test: String,
    /// What the server does when it passes.
    pub title: String,
    /// How binding the test is.
    pub conformance: Conformance,
    /// Handles of the requirements it asks for.
    pub requirements: Vec<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is not a pass.
    pub reason: Option<String>,
    /// The requests sent, without the values of their parameters.
    pub requests: Vec<String>,
}

impl Run {
    /// How many tests ended so.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.results.iter().filter(|result| result.verdict == verdict).count()
    }

    /// The verdict on one requirement: its worst test, and a pass only where one passed.
    pub fn of_requirement(&self, id: &str) -> Option<Verdict> {
        let found: Vec<Verdict> = self
            .results
            .iter()
            .filter(|result| result.requirements.iter().any(|known| known == id))
            .map(|result| result.verdict)
            .collect();
        [Verdict::Fail, Verdict::Error, Verdict::Pass, Verdict::Skip, Verdict::Omit]
            .into_iter()
            .find(|verdict| found.contains(verdict))
    }
}

/// Runs every test. `Err` means that the server could not be asked at all.
pub async fn run(client: &Client, suite: &Suite, options: &Options) -> Result<Run, ClientError> {
    // A server that cannot be reached has not failed a test: nothing is known of it.
    client.send(&Request { path: "metadata", ..Request::default() }).await?;
    let facts = Facts::find(client, options.nhs_number.as_deref()).await;
    client.take_asked();

    let mut results = Vec::new();
    for (group, test) in suite.tests() {
        let conformance = suite.conformance(test);
        let checked = if options.shall_only && conformance == Conformance::Should {
            Err(Stop::omit("Only what a server SHALL do was asked for."))
        } else {
            carry_out(client, &facts, test).await
        };
        let (verdict, reason) = match checked {
            Ok(()) => (Verdict::Pass, None),
            Err(stop) => (stop.verdict, Some(stop.reason)),
        };
        results.push(TestResult {
            group: group.id.clone(),
            test: test.id.clone(),
            title: test.title.clone(),
            conformance,
            requirements: test.requirements.clone(),
            verdict,
            reason,
            requests: client.take_asked(),
        });
    }
    Ok(Run { server: client.base().to_string(), results })
}

async fn carry_out(client: &Client, facts: &Facts, test: &Test) -> Checked {
    if let Some(claim) = &test.when_claimed {
        claimed(facts, claim)?;
    }
    for step in &test.steps {
        let exchange = send(client, facts, &step.request).await?;
        for expectation in &step.expect {
            assertion::judge(&fill_in(facts, expectation)?, &exchange)?;
        }
    }
    match &test.procedure {
        Some(procedure) => procedure.run(client, facts).await,
        None => Ok(()),
    }
}

fn claimed(facts: &Facts, claim: &Claim) -> Checked {
    let resource_type = &claim.resource_type;
    let Some(said) = facts.claimed_type(resource_type)? else {
        return Err(Stop::omit(format!("The server does not claim {resource_type}.")));
    };
    if let Some(interaction) = &claim.interaction
        && !claims_interaction(said, interaction)
    {
        return Err(Stop::omit(format!("The server does not claim {interaction} of {resource_type}.")));
    }
    if let Some(operation) = &claim.operation
        && !claims_operation(said, operation)
    {
        return Err(Stop::omit(format!("The server does not claim ${operation} of {resource_type}.")));
    }
    Ok(())
}

async fn send(client: &Client, facts: &Facts, template: &RequestTemplate) -> Checked<crate::exchange::Exchange> {
    let path = facts.fill_in(&template.path)?;
    let mut query = Vec::new();
    for (name, value) in &template.query {
        query.push((name.as_str(), facts.fill_in(value)?));
    }
    let request = Request {
        method: &template.method,
        path: &path,
        query: query.iter().map(|(name, value)| (*name, value.as_str())).collect(),
        headers: template.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
    };
    Ok(client.send(&request).await?)
}

/// The expectation with the facts in its texts filled in.
fn fill_in(facts: &Facts, expectation: &Expectation) -> Checked<Expectation> {
    Ok(match expectation {
        Expectation::Includes(id) => Expectation::Includes(facts.fill_in(id)?),
        Expectation::EveryMatchIdentified { system, value } => {
            Expectation::EveryMatchIdentified { system: system.clone(), value: facts.fill_in(value)? }
        }
        Expectation::Member { at, is: Value::String(text) } => {
            Expectation::Member { at: at.clone(), is: Value::String(facts.fill_in(text)?) }
        }
        other => other.clone(),
    })
}
