//! Who is there under a configuration.

use super::params::{HandOff, Mode};
use super::{Against, Params, Provider, normal};

/// Who is there under a configuration.
#[derive(Clone, Copy)]
pub(super) struct Registry<'a> {
    params: &'a Params,
}

impl<'a> Registry<'a> {
    pub(super) fn new(params: &'a Params) -> Self {
        Self { params }
    }

    /// Whom a name means, in any case, `-` or `_`. Built-in names cannot be taken.
    pub(super) fn find(self, name: &str) -> Option<Provider> {
        let wanted = normal(name);
        Provider::built_in(name).or_else(|| {
            let mut own = self.own();
            own.find(|(own, _)| normal(own) == wanted)
                .map(|(own, _)| Provider::Custom(own.clone()))
        })
    }

    /// Why this one cannot be asked at all, whatever the task is.
    pub(super) fn absent(self, provider: &Provider) -> Option<Against> {
        let params = self.params;
        let on = match provider {
            Provider::Copilot => true,
            Provider::Foundry => params.foundry.enabled,
            Provider::OpencodeLocal => params.opencode_local.enabled,
            Provider::ClaudeCode => params.claude_code.enabled,
            Provider::Opencode => params.opencode.enabled,
            Provider::K8sJob => params.k8s_worker.enabled,
            Provider::Custom(name) => match params.agents.get(name) {
                Some(own) if own.enabled && own.mode != Mode::Handoff => {
                    return Some(Against::NoHandOff {
                        key: format!("executor.agents.{name}.mode"),
                    });
                }
                own => own.is_some_and(|own| own.enabled),
            },
        };
        let key = provider.switch().filter(|_| !on)?;
        Some(Against::SwitchedOff { key })
    }

    /// Whom `auto` stands for, in order (spec 04 §2.1): the tool loop, then every hand-off, those
    /// of the repository's own by name. What takes a machine of ours is asked by name only.
    pub(super) fn on_offer(self) -> Vec<Provider> {
        let own = self.own().map(|(name, _)| Provider::Custom(name.clone()));
        [Provider::Foundry, Provider::ClaudeCode, Provider::Opencode]
            .into_iter()
            .chain(own)
            .filter(|provider| self.absent(provider).is_none())
            .collect()
    }

    /// Every name that means somebody.
    pub(super) fn known(self) -> Vec<String> {
        let own = self.own().map(|(name, _)| name.clone());
        let built_in = Provider::BUILT_IN.iter().map(|p| p.name().to_owned());
        built_in.chain(own).collect()
    }

    /// Hand-offs of the repository's own whose names mean nothing else.
    fn own(self) -> impl Iterator<Item = (&'a String, &'a HandOff)> {
        let agents = self.params.agents.iter();
        agents.filter(|(name, _)| !Provider::is_reserved(name))
    }
}
