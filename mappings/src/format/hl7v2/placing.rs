//! Which segment belongs to which group.

use super::segment::Shapes;
use super::text::Line;
use super::{Group, Options};

/// A message or a group with what lies in it, in the order of the file.
#[derive(Debug, Default)]
pub struct Placed<'o> {
    /// What lies in it.
    pub children: Vec<Child<'o>>,
}

/// A segment, by its line, or a group.
#[derive(Debug)]
pub enum Child<'o> {
    /// A segment.
    Segment(usize),
    /// A group.
    Group(&'o Group, Placed<'o>),
}

impl<'o> Child<'o> {
    /// Its member in the tree.
    pub fn name<'l>(&self, lines: &'l [Line]) -> &'l str
    where
        'o: 'l,
    {
        match self {
            Child::Segment(line) => lines.get(*line).map_or("", Line::name),
            Child::Group(group, _) => &group.name,
        }
    }
}

/// Puts each segment where it belongs: into the innermost open group that holds it. One that only the message, or a
/// group further out, holds closes those within; one that nothing speaks of, or whose group was not begun, lies in the
/// message and closes none.
pub fn place<'o>(options: &'o Options, lines: &[Line], shapes: &Shapes<'_>) -> Placed<'o> {
    let mut root = Placed::default();
    let mut open: Vec<(&'o Group, Placed<'o>)> = Vec::new();
    let of_message = shapes.order("");
    for (at, line) in lines.iter().enumerate() {
        let name = line.name();
        let mut taker = None;
        for depth in (0..=open.len()).rev() {
            let (inner, itself): (&'o [Group], Option<&'o Group>) =
                match depth.checked_sub(1).and_then(|at| open.get(at)) {
                    Some((group, _)) => (&group.groups, Some(*group)),
                    None => (&options.groups, None),
                };
            if let Some(started) = inner.iter().find(|group| group.starts == name) {
                taker = Some((depth, Some(started)));
                break;
            }
            if itself.is_some_and(|group| group.starts != name && group.has(name)) {
                taker = Some((depth, None));
                break;
            }
        }
        match taker {
            Some((depth, started)) => {
                close(&mut open, &mut root, depth);
                match started {
                    Some(group) => open.push((group, Placed { children: vec![Child::Segment(at)] })),
                    None => add(&mut open, &mut root, Child::Segment(at)),
                }
            }
            None => {
                // What belongs into a group that was not begun (RXA without its ORC) is out of place, and ends nothing.
                let misplaced = open.iter().any(|(group, _)| group.knows(name));
                let known = of_message.contains(&name)
                    || (options.groups.iter().any(|group| group.knows(name)) && !misplaced)
                    || matches!(name, "BTS" | "FTS" | "BHS" | "FHS" | "MSH");
                if known {
                    close(&mut open, &mut root, 0);
                }
                root.children.push(Child::Segment(at));
            }
        }
    }
    close(&mut open, &mut root, 0);
    root
}

fn add<'o>(open: &mut [(&'o Group, Placed<'o>)], root: &mut Placed<'o>, child: Child<'o>) {
    match open.last_mut() {
        Some((_, placed)) => placed.children.push(child),
        None => root.children.push(child),
    }
}

fn close<'o>(open: &mut Vec<(&'o Group, Placed<'o>)>, root: &mut Placed<'o>, depth: usize) {
    while open.len() > depth {
        if let Some((group, placed)) = open.pop() {
            add(open, root, Child::Group(group, placed));
        }
    }
}
