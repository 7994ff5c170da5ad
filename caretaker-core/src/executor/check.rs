//! What is wrong with the names in a section `executor`, beyond what the key table says.

use std::collections::BTreeMap;

use super::provider::AUTO;
use super::registry::Registry;
use super::{Feature, Params, Provider, normal};

/// A name in the configuration that means nobody, or two things at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Path of the key below the section.
    pub path: String,
    /// Which row of the key's list, from 0.
    pub row: Option<usize>,
    /// The name.
    pub name: String,
    /// What is wrong with it, as the end of a sentence.
    pub what: String,
    /// Names that would be right, most likely ones first; empty where another is to be invented.
    pub known: Vec<String>,
}

/// Every name that means nobody, or two things at once, in order of path.
pub fn findings(params: &Params) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for name in params.agents.keys() {
        let taken = if Provider::is_reserved(name) {
            Some("is a name that means something already".to_owned())
        } else {
            let other = seen.insert(normal(name), name);
            other.map(|other| format!("means the same as `{other}`"))
        };
        found.extend(taken.map(|what| Finding {
            path: format!("agents.{name}"),
            row: None,
            name: name.clone(),
            what,
            known: Vec::new(),
        }));
    }
    let registry = Registry::new(params);
    let known = || -> Vec<String> {
        let all = registry.known().into_iter();
        all.chain([AUTO.to_owned()]).collect()
    };
    let mut provider = |path: String, row: Option<usize>, name: &str| {
        if normal(name) != AUTO && registry.find(name).is_none() {
            found.push(Finding {
                path,
                row,
                name: name.to_owned(),
                what: "is no provider".to_owned(),
                known: known(),
            });
        }
    };
    provider("provider".to_owned(), None, &params.provider);
    for (feature, chosen) in &params.features {
        let path = format!("features.{feature}");
        if let Some(name) = &chosen.provider {
            provider(format!("{path}.provider"), None, name);
        }
        for (n, name) in chosen.fallback.iter().enumerate() {
            provider(format!("{path}.fallback"), Some(n), name);
        }
    }
    for (feature, chosen) in &params.features {
        if !Feature::ALL.iter().any(|known| known.name() == feature) {
            found.push(Finding {
                path: format!("features.{feature}"),
                row: None,
                name: feature.clone(),
                what: "is no feature".to_owned(),
                known: Feature::ALL.map(|known| known.name().to_owned()).into(),
            });
        }
        let agent = chosen.agent.as_ref();
        if let Some(name) = agent.filter(|name| Provider::in_a_job(name).is_none()) {
            found.push(Finding {
                path: format!("features.{feature}.agent"),
                row: None,
                name: name.clone(),
                what: "is no agent that can work in a Job".to_owned(),
                known: Provider::IN_A_JOB
                    .map(|agent| agent.name().to_owned())
                    .into(),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn names_that_mean_nobody_are_problems_of_the_file() {
        let table = [
            (
                "executor:\n  provider: foundri\n",
                "line 2: `executor.provider`: `foundri` is no provider; did you mean `foundry`? Known are `copilot`, `foundry`, `opencode_local`, `claude_code`, `opencode`, `k8s_job`, `auto`",
            ),
            (
                "executor:\n  agents:\n    mine: {}\n  provider: xyz\n",
                "line 4: `executor.provider`: `xyz` is no provider; write one of `copilot`, `foundry`, `opencode_local`, `claude_code`, `opencode`, `k8s_job`, `mine`, `auto`",
            ),
            (
                "executor:\n  features:\n    ci_fix:\n      fallback:\n        - copilot\n        - foundri\n",
                "line 6: `executor.features.ci_fix.fallback`: `foundri` is no provider",
            ),
            (
                "executor:\n  features:\n    ci_fix:\n      provider: claude\n",
                "line 4: `executor.features.ci_fix.provider`: `claude` is no provider; did you mean `claude_code`?",
            ),
            (
                "executor:\n  features:\n    cifix:\n      provider: copilot\n",
                "line 3: `executor.features.cifix`: `cifix` is no feature; did you mean `ci_fix`?",
            ),
            (
                "executor:\n  features:\n    ci_fix:\n      agent: copilot\n",
                "line 4: `executor.features.ci_fix.agent`: `copilot` is no agent that can work in a Job; write one of `opencode_local`, `foundry`, `claude_code`",
            ),
            (
                "executor:\n  agents:\n    claude-code: {}\n",
                "line 3: `executor.agents.claude-code`: `claude-code` is a name that means something already; write another name",
            ),
            (
                "executor:\n  agents:\n    a-b: {}\n    a_b: {}\n",
                "line 4: `executor.agents.a_b`: `a_b` means the same as `a-b`; write another name",
            ),
            (
                "executor:\n  agents:\n    a.b: {enabled: true}\n",
                "line 3: `executor.agents.a.b` is not a name; write a small letter, then small letters, digits, `_` and `-`",
            ),
        ];
        for (text, expected) in table {
            let parsed = Config::parse(text);
            assert_eq!(parsed.config, None, "{text}");
            let [problem] = parsed.problems.as_slice() else {
                panic!("{:?}", parsed.problems)
            };
            assert!(problem.to_string().starts_with(expected), "{problem}");
        }
    }
}
