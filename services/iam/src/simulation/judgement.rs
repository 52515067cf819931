//! One action on one resource: the engine's decision, and what each type of policy said.

use std::collections::BTreeMap;

use iam_api::shapes::PolicyEvaluationDecisionType as Verdict;
use policy::{Attached, Decision, Effect, Policies, Policy, Request, Resource, decide};

use super::Simulation;
use super::resource::SimulatedResource;

/// A statement by its place: of the resource's policy, or of an identity's policy of this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Resource(usize),
    Identity(usize, usize),
}

/// The answer for one action on one resource.
#[derive(Debug)]
pub(super) struct Judgement {
    pub(super) decision: Verdict,
    /// Statements of identities' and the resource's policies that are of one mind with the decision.
    pub(super) matched: Vec<Place>,
    /// What each type of policy said, across accounts.
    pub(super) details: Option<BTreeMap<String, Verdict>>,
    pub(super) allowed_by_boundary: Option<bool>,
    pub(super) allowed_by_organizations: Option<bool>,
}

/// The policies of a simulation, laid out as the engine takes them.
pub(super) struct Laid<'a> {
    simulation: &'a Simulation,
    identity: Vec<Attached<'a>>,
    levels: Vec<Vec<Attached<'a>>>,
}

impl<'a> Laid<'a> {
    pub(super) fn out(simulation: &'a Simulation) -> Self {
        let sources = &simulation.sources;
        let levels = sources.organization.iter().flatten();
        let laid = |level: &'a Vec<super::source::Source>| {
            level.iter().map(|source| source.attached()).collect()
        };
        Self {
            simulation,
            identity: laid(&sources.identity),
            levels: levels.map(laid).collect(),
        }
    }

    pub(super) fn judge(&self, action: &str, resource: Option<&SimulatedResource>) -> Judgement {
        let simulation = self.simulation;
        let boundary = simulation
            .sources
            .boundary
            .as_ref()
            .map(|source| source.attached());
        let levels: Vec<&[Attached<'_>]> = self.levels.iter().map(Vec::as_slice).collect();
        let policies = Policies {
            identity: &self.identity,
            boundary,
            service_control: &levels,
            ..Policies::default()
        };
        let request = Request {
            principal: simulation.caller.principal(),
            action,
            resource: resource.map(|resource| resource as &dyn Resource),
            context: &simulation.context,
        };
        let decision = verdict(decide(&request, &policies));
        let says = |policies: &[Attached<'_>]| say(policies.iter().map(|it| it.policy), &request);
        let in_organization = simulation.sources.organization.is_some();
        let by_levels = levels.iter().all(|level| says(level) == Verdict::Allowed);
        let account = simulation.caller.account();
        let across = resource.filter(|resource| resource.account() != account);
        let said = Said {
            identity: says(&self.identity),
            boundary: boundary.map(|boundary| says(&[boundary])),
        };
        Judgement {
            decision,
            matched: self.matched(&request, resource, decision),
            details: across
                .filter(|_| by_levels)
                .map(|resource| said.details(resource, &request)),
            allowed_by_boundary: said.boundary.map(|said| said == Verdict::Allowed),
            allowed_by_organizations: in_organization.then_some(by_levels),
        }
    }

    /// AWS: where a `Deny` applies, statements that allow are not shown.
    fn matched(
        &self,
        request: &Request<'_>,
        resource: Option<&SimulatedResource>,
        decision: Verdict,
    ) -> Vec<Place> {
        let wanted = match decision {
            Verdict::ExplicitDeny => Effect::Deny,
            Verdict::Allowed | Verdict::ImplicitDeny => Effect::Allow,
        };
        let of = |policy: &Policy| -> Vec<usize> {
            let mut places = policy.applying(request);
            let effect = |place: &usize| {
                policy
                    .statements()
                    .get(*place)
                    .map(|statement| statement.effect())
            };
            places.retain(|place| effect(place) == Some(wanted));
            places
        };
        let document = resource.and_then(SimulatedResource::document);
        let on_resource = document
            .map(|document| of(document.policy()))
            .unwrap_or_default();
        let identity = self
            .identity
            .iter()
            .enumerate()
            .flat_map(|(number, attached)| {
                let places = of(attached.policy).into_iter();
                places.map(move |place| Place::Identity(number, place))
            });
        on_resource
            .into_iter()
            .map(Place::Resource)
            .chain(identity)
            .collect()
    }
}

/// What the caller's own policies said.
struct Said {
    identity: Verdict,
    boundary: Option<Verdict>,
}

impl Said {
    /// By AWS's names of the types of policy.
    fn details(
        &self,
        resource: &SimulatedResource,
        request: &Request<'_>,
    ) -> BTreeMap<String, Verdict> {
        let policy = resource.document().map(|document| document.policy());
        let on_resource = say(policy.into_iter(), request);
        let mut details = BTreeMap::from([
            ("IAM Policy".to_owned(), self.identity),
            ("Resource Policy".to_owned(), on_resource),
        ]);
        let bounded = |said| ("Permissions Boundary Policy".to_owned(), said);
        details.extend(self.boundary.map(bounded));
        details
    }
}

fn verdict(decision: Decision<'_>) -> Verdict {
    match decision.denial() {
        None => Verdict::Allowed,
        Some(denial) if denial.is_explicit() => Verdict::ExplicitDeny,
        Some(_) => Verdict::ImplicitDeny,
    }
}

/// What policies of one type say together.
fn say<'a>(policies: impl Iterator<Item = &'a Policy>, request: &Request<'_>) -> Verdict {
    let mut said = Verdict::ImplicitDeny;
    for policy in policies {
        for place in policy.applying(request) {
            match policy
                .statements()
                .get(place)
                .map(|statement| statement.effect())
            {
                Some(Effect::Deny) => return Verdict::ExplicitDeny,
                Some(Effect::Allow) => said = Verdict::Allowed,
                None => {}
            }
        }
    }
    said
}

/// The most restrictive of several.
pub(super) fn strictest(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Allowed => 0,
        Verdict::ImplicitDeny => 1,
        Verdict::ExplicitDeny => 2,
    };
    verdicts.max_by_key(rank).unwrap_or(Verdict::ImplicitDeny)
}
