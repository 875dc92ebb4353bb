//! What is wrong with a configuration, all of it, each with the path of the value.

use std::fmt;

/// One wrong value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands, for example `server.public_url` or `route[2] (thavel/16064003).anordnung`; lists count from 0.
    pub path: String,
    /// What is wrong and what would be right. Never the value of a secret.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.text)
    }
}

/// All problems that were found, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Notes a problem.
    pub fn at(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.0.push(Problem {
            path: path.into(),
            text: text.into(),
        });
    }

    /// Notes a problem unless `right`.
    pub fn unless(&mut self, right: bool, path: impl Into<String>, text: impl Into<String>) {
        if !right {
            self.at(path, text);
        }
    }

    /// Takes over the problems of another check.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Takes over the problems at places, or in sections, that were not complained about before.
    pub(super) fn append_new(&mut self, other: Self) {
        let news: Vec<Problem> = other
            .0
            .into_iter()
            .filter(|problem| !self.cover(&problem.path))
            .collect();
        self.0.extend(news);
    }

    /// The problems.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether all is well.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a value, or the file it should have come from, was complained about already.
    pub(super) fn mention(&self, path: &str) -> bool {
        self.iter()
            .any(|known| known.path == path || known.path.strip_suffix("_file") == Some(path))
    }

    /// Whether a value, or something that it is a part of, was complained about already.
    pub(super) fn cover(&self, path: &str) -> bool {
        path.match_indices(['.', '['])
            .any(|(end, _)| self.mention(&path[..end]))
            || self.mention(path)
    }

    /// The value where all is well.
    ///
    /// # Errors
    /// The problems, where there are any.
    pub fn or<T>(self, value: Option<T>) -> Result<T, Self> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            _ => Err(self),
        }
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// `; did you mean «public_url»?`, or the names that there are where none is close.
pub(super) fn did_you_mean<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let near = names
        .iter()
        .map(|name| {
            (
                strsim::osa_distance(&wrong.to_lowercase(), &name.to_lowercase()),
                *name,
            )
        })
        .filter(|(distance, name)| *distance <= 2.max(name.chars().count() / 3))
        .min();
    match near {
        Some((_, name)) => format!("; did you mean «{name}»?"),
        None if names.is_empty() => String::new(),
        None => format!("; known are {}", names.join(", ")),
    }
}

/// A path and the next part of it.
pub(super) fn join(path: &str, part: &str) -> String {
    match (path, part) {
        ("", part) => part.to_owned(),
        (path, "" | ".") => path.to_owned(),
        (path, part) if part.starts_with('[') => format!("{path}{part}"),
        (path, part) => format!("{path}.{part}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognised_and_nonsense_gets_the_list() {
        let names = ["listen", "public_url"];
        assert_eq!(did_you_mean("publik_url", names), "; did you mean «public_url»?");
        assert_eq!(did_you_mean("colour", names), "; known are listen, public_url");
    }
}
