//! Puts Patients into groups, each of one person.
//!
//! That a is b and b is c makes a and c one person only where nothing forbids it. The strongest grounds are followed first,
//! so the result depends on what is known and never on the order it came in.

use super::decision::Choice;
use super::facts::Facts;
use super::rule::{Doubt, Ground, Judgement, judge};
use std::collections::BTreeMap;

/// What was decided of pairs of Patients; the smaller id first.
pub type Decisions = BTreeMap<(String, String), Choice>;

/// A Patient of a group, and on what ground it is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Id of the Patient.
    pub patient: String,
    /// The ground.
    pub ground: Ground,
    /// The Patient it was compared with.
    pub like: String,
}

/// The groups of two and more, and the pairs that might be one person and are not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grouping {
    /// Members of each group, by id.
    pub groups: Vec<Vec<Member>>,
    /// Pairs to look at.
    pub doubts: Vec<(String, String, Doubt)>,
}

/// Two ids, the smaller first.
pub fn pair(one: &str, other: &str) -> (String, String) {
    if one <= other { (one.to_owned(), other.to_owned()) } else { (other.to_owned(), one.to_owned()) }
}

/// Groups these Patients.
pub fn group(people: &[Facts], decisions: &Decisions) -> Grouping {
    let judged = judged(people, decisions);
    let forbidden: Vec<(usize, usize)> =
        judged.iter().filter(|(_, judgement)| judgement.forbids()).map(|(pair, _)| *pair).collect();
    let mut edges: Vec<((usize, usize), Ground)> = judged
        .iter()
        .filter_map(|(pair, judgement)| match judgement {
            Judgement::Same(ground) => Some((*pair, *ground)),
            _ => None,
        })
        .collect();
    edges.sort_by(|(one, ground), (other, stronger)| stronger.cmp(ground).then_with(|| one.cmp(other)));
    let mut cluster_of: Vec<usize> = (0..people.len()).collect();
    let mut grounds: BTreeMap<usize, (Ground, usize)> = BTreeMap::new();
    for ((one, other), ground) in edges {
        let (from, to) = (cluster_of[other], cluster_of[one]);
        let between = |(a, b): &(usize, usize)| {
            let clusters = (cluster_of[*a], cluster_of[*b]);
            (clusters == (from, to) || clusters == (to, from)) && (*a, *b) != (one, other)
        };
        if from != to && forbidden.iter().any(between) {
            continue;
        }
        cluster_of.iter_mut().filter(|cluster| **cluster == from).for_each(|cluster| *cluster = to);
        grounds.entry(one).or_insert((ground, other));
        grounds.entry(other).or_insert((ground, one));
    }
    let mut groups: BTreeMap<usize, Vec<Member>> = BTreeMap::new();
    for (index, (ground, like)) in &grounds {
        let member =
            Member { patient: people[*index].patient.clone(), ground: *ground, like: people[*like].patient.clone() };
        groups.entry(cluster_of[*index]).or_default().push(member);
    }
    let doubts = judged.iter().filter_map(|((one, other), judgement)| match judgement {
        Judgement::Perhaps(doubt) if cluster_of[*one] != cluster_of[*other] => {
            let (first, second) = pair(&people[*one].patient, &people[*other].patient);
            Some((first, second, *doubt))
        }
        _ => None,
    });
    let doubts = doubts.collect();
    Grouping { groups: groups.into_values().collect(), doubts }
}

/// Every pair with its judgement, decisions first.
fn judged(people: &[Facts], decisions: &Decisions) -> Vec<((usize, usize), Judgement)> {
    let mut judged = Vec::new();
    for (index, one) in people.iter().enumerate() {
        for (offset, other) in people.iter().skip(index + 1).enumerate() {
            let judgement = match decisions.get(&pair(&one.patient, &other.patient)) {
                Some(Choice::Same) => Judgement::Same(Ground::Decided),
                Some(Choice::Apart) => Judgement::Apart,
                Some(Choice::ByRule) | None => judge(one, other),
            };
            judged.push(((index, index + 1 + offset), judgement));
        }
    }
    judged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::facts::NhsNumber;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn person(patient: &str, number: Option<&str>, family: &str, birth: &str) -> Facts {
        Facts {
            patient: patient.into(),
            nhs_number: number.map_or(NhsNumber::None, |digits| NhsNumber::Claimed(digits.into())),
            families: BTreeSet::from([family.to_owned()]),
            givens: BTreeSet::from(["ada".to_owned()]),
            birth: Some(birth.into()),
            postcodes: BTreeSet::new(),
            replaced_by: BTreeSet::new(),
        }
    }

    fn members(grouping: &Grouping) -> Vec<Vec<&str>> {
        grouping.groups.iter().map(|group| group.iter().map(|one| one.patient.as_str()).collect()).collect()
    }

    const ONE: Option<&str> = Some("9990123012");

    #[test]
    fn three_senders_of_one_person_make_one_group() {
        let people = ["a", "b", "c"].map(|id| person(id, ONE, "brook", "1940-02-29"));
        let grouping = group(&people, &Decisions::new());
        assert_eq!(members(&grouping), [["a", "b", "c"]]);
        assert_eq!(grouping.doubts, []);
    }

    #[test]
    fn who_differs_from_one_of_a_group_is_not_in_it() {
        // The year alone fits both days, and both days do not fit each other.
        let people = [
            person("a", ONE, "brook", "1940-02-29"),
            person("b", ONE, "brook", "1940"),
            person("c", ONE, "brook", "1940-03-01"),
        ];
        let grouping = group(&people, &Decisions::new());
        assert_eq!(members(&grouping), [["a", "b"]]);
        assert_eq!(grouping.doubts, [("a".into(), "c".into(), Doubt::BirthDatesDiffer)]);
    }

    #[test]
    fn a_decision_stands_above_the_rule_both_ways() {
        let mut people = vec![person("a", ONE, "brook", "1940-02-29"), person("b", ONE, "brook", "1940-02-29")];
        let apart = Decisions::from([(pair("b", "a"), Choice::Apart)]);
        assert_eq!(group(&people, &apart), Grouping::default());
        people[1] = person("b", None, "brook", "1940-02-29");
        let same = Decisions::from([(pair("a", "b"), Choice::Same)]);
        let grouping = group(&people, &same);
        assert_eq!(members(&grouping), [["a", "b"]]);
        assert_eq!(grouping.groups[0][0].ground, Ground::Decided);
        assert_eq!(group(&people, &Decisions::new()).groups.len(), 0);
    }

    #[test]
    fn a_person_kept_apart_by_hand_does_not_come_in_through_a_third() {
        let people = ["a", "b", "c"].map(|id| person(id, ONE, "brook", "1940-02-29"));
        let apart = Decisions::from([(pair("a", "c"), Choice::Apart)]);
        let grouping = group(&people, &apart);
        assert_eq!(members(&grouping), [["a", "b"]]);
    }

    proptest! {
        #[test]
        fn the_order_people_came_in_changes_nothing_and_no_group_holds_two_who_are_apart(
            people in proptest::collection::vec(
                (0..4usize, 0..3usize, 0..4usize), 1..8),
            rotation in 0..8usize,
        ) {
            let numbers = [None, Some("9990123012"), Some("9990457727"), Some("9991004688")];
            let births = ["1940-02-29", "1940", "1940-03-01", "1951-01-01"];
            let mut all: Vec<Facts> = people
                .iter()
                .enumerate()
                .map(|(index, (number, family, birth))| {
                    person(&format!("p{index}"), numbers[*number], ["brook", "river", "hill"][*family], births[*birth])
                })
                .collect();
            let sorted = |grouping: &Grouping| {
                let mut groups: Vec<Vec<String>> = grouping
                    .groups
                    .iter()
                    .map(|group| {
                        let mut ids: Vec<String> = group.iter().map(|one| one.patient.clone()).collect();
                        ids.sort();
                        ids
                    })
                    .collect();
                groups.sort();
                groups
            };
            // The caller sorts by id; here it must not matter to who is kept apart.
            let first = group(&all, &Decisions::new());
            for one in &first.groups {
                for member in one {
                    for other in one {
                        let find = |id: &str| all.iter().find(|facts| facts.patient == id).expect("there");
                        prop_assert!(member.patient == other.patient
                            || !judge(find(&member.patient), find(&other.patient)).forbids());
                    }
                }
            }
            let count = all.len();
            all.rotate_left(rotation % count);
            all.sort_by(|one, other| one.patient.cmp(&other.patient));
            prop_assert_eq!(sorted(&first), sorted(&group(&all, &Decisions::new())));
        }
    }
}
