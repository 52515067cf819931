//! Invitations that a caller names or lists, and what becomes of them.

use std::sync::Arc;

use base::{Secret, Tags, Timestamp};
use identity::organization::Organization;
use organizations_api::shapes::{
    self as api, ActionType, HandshakeFilter, HandshakePartyType, HandshakeResource,
    HandshakeResourceType, HandshakeState,
};
use pipeline::{Failure, Lookup, Operation, Permitted};
use policy::Resource;

use crate::errors;
use crate::handshake::{self, Handshake, HandshakeParty, State};
use crate::node;
use crate::paging::{Asked, Listing, Page};
use crate::quotas::DAY;
use crate::standing::Standing;

/// An invitation that a caller names, and what the caller's account is to it.
pub(crate) struct SoughtHandshake {
    /// Of the caller.
    pub(crate) standing: Standing,
    handshake: Option<Arc<Handshake>>,
    resource: Arc<dyn Resource>,
}

impl SoughtHandshake {
    /// The invitation of this id, if the caller's account or organization is party to it.
    pub(crate) async fn find(look: &Lookup<'_>, id: &str) -> Result<Self, Failure> {
        let standing = Standing::of_caller(look).await?;
        let account = look.call().account();
        let found = look.get::<Handshake>(&Handshake::key_of(id)).await?;
        let ours = |it: &Arc<Handshake>| it.target == account || it.management == account;
        let handshake = found.filter(ours);
        let arn = match &handshake {
            Some(handshake) => handshake.arn(),
            None => handshake::arn(standing.named().management, &standing.named().id, id),
        };
        let resource = standing.resource(arn, Tags::default());
        Ok(Self {
            standing,
            handshake,
            resource,
        })
    }
    /// For a decision.
    pub(crate) fn resource(&self) -> Arc<dyn Resource> {
        self.resource.clone()
    }
    /// The invitation, or that there is none.
    pub(crate) fn found(&self) -> Result<&Arc<Handshake>, Failure> {
        self.handshake
            .as_ref()
            .ok_or_else(errors::no_such_handshake)
    }
    /// The invitation, which must be the caller's to bring to `state`, and open.
    pub(crate) fn brought_to<O: Operation>(
        &self,
        call: &Permitted<'_, O>,
        state: State,
    ) -> Result<Handshake, Failure> {
        let found = self.found()?;
        let whose = match state {
            State::Accepted | State::Declined => found.target,
            State::Canceled | State::Open => found.management,
        };
        if whose != call.call().account() {
            return Err(errors::access_denied());
        }
        if found.state == state {
            return Err(errors::handshake_is_in_that_state());
        }
        if !found.is_open(call.call().now()) {
            return Err(errors::handshake_is_over());
        }
        Ok(Handshake {
            state,
            ended: Some(call.call().now()),
            ..Handshake::clone(found)
        })
    }
}

/// Invitations of an organization, the open ones or those sent since, counted.
async fn count(
    look: &Lookup<'_>,
    organization: &Organization,
    counts: impl Fn(&Handshake) -> bool,
) -> Result<usize, Failure> {
    let prefix = HandshakeParty::prefix(&organization.id);
    let mut counted = 0;
    for row in node::all::<HandshakeParty>(look, &prefix).await? {
        let key = Handshake::key_of(&row.handshake);
        let handshake = look.get::<Handshake>(&key).await?;
        counted += usize::from(handshake.is_some_and(|it| counts(&it)));
    }
    Ok(counted)
}

/// How many of an organization's invitations wait for an answer.
pub(crate) async fn open(look: &Lookup<'_>, organization: &Organization) -> Result<usize, Failure> {
    let now = look.call().now();
    count(look, organization, |it| it.is_open(now)).await
}

/// How many invitations an organization has sent within a day that were not accepted.
pub(crate) async fn of_today(
    look: &Lookup<'_>,
    organization: &Organization,
) -> Result<usize, Failure> {
    let now = look.call().now();
    let counts = |it: &Handshake| it.state != State::Accepted && now.seconds_since(it.at) < DAY;
    count(look, organization, counts).await
}

/// A page of the invitations that `party` is party to.
pub(crate) async fn page(
    look: &Lookup<'_>,
    party: &str,
    filter: &Option<HandshakeFilter>,
    (token, limit): (&Option<String>, Option<i32>),
) -> Result<Page<api::Handshake>, Failure> {
    let asked = Asked::read(token, limit)?;
    let wanted = shows_invitations(filter)?;
    let prefix = HandshakeParty::prefix(party);
    let listing = Listing {
        wanted: &|_: &HandshakeParty| wanted,
        name: &|it: &HandshakeParty| it.handshake.clone(),
        key: &|name: &str| prefix.clone().then(name),
    };
    let page = asked.below(look, &prefix, &listing).await?;
    let mut items = Vec::new();
    for it in &page.items {
        let key = Handshake::key_of(&it.handshake);
        let handshake = look.get::<Handshake>(&key).await?;
        items.extend(handshake.map(|it| shape(&it, look.call().now())));
    }
    Ok(Page {
        items,
        next_token: page.next_token,
    })
}

/// Whether a filter lets invitations through, the one kind of handshake that there is.
fn shows_invitations(filter: &Option<HandshakeFilter>) -> Result<bool, Failure> {
    let Some(filter) = filter else {
        return Ok(true);
    };
    match (filter.action_type, &filter.parent_handshake_id) {
        (Some(_), Some(_)) => Err(errors::too_many_filters()),
        (action, None) => Ok(action.is_none_or(|action| action == ActionType::Invite)),
        (None, Some(_)) => Ok(false),
    }
}

/// In the API's words.
pub(crate) fn shape(it: &Handshake, now: Timestamp) -> api::Handshake {
    let party = |id: String, type_| api::HandshakeParty {
        id: Secret::new(id),
        type_,
    };
    let resource = |value: String, type_| HandshakeResource {
        value: Some(Secret::new(value)),
        type_: Some(type_),
        resources: None,
    };
    let (organization, target) = (it.organization.clone(), it.target.to_string());
    let mut resources = vec![
        resource(organization.clone(), HandshakeResourceType::Organization),
        resource(target.clone(), HandshakeResourceType::Account),
    ];
    let notes = it.notes.clone();
    resources.extend(notes.map(|notes| resource(notes, HandshakeResourceType::Notes)));
    api::Handshake {
        id: Some(it.id.clone()),
        arn: Some(it.arn().to_string()),
        parties: Some(vec![
            party(organization, HandshakePartyType::Organization),
            party(target, HandshakePartyType::Account),
        ]),
        state: Some(state(it, now)),
        requested_timestamp: Some(it.at),
        expiration_timestamp: Some(it.expires),
        action: Some(ActionType::Invite),
        resources: Some(resources),
    }
}

fn state(it: &Handshake, now: Timestamp) -> HandshakeState {
    match it.state {
        State::Open if it.is_open(now) => HandshakeState::Open,
        State::Open => HandshakeState::Expired,
        State::Accepted => HandshakeState::Accepted,
        State::Declined => HandshakeState::Declined,
        State::Canceled => HandshakeState::Canceled,
    }
}
