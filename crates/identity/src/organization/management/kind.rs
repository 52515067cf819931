//! The kinds of policy that set up services.

use super::shape::Shape;
use super::shapes;

/// Which service a policy sets up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ManagementKind {
    /// Which tags resources have.
    Tag,
    /// What is backed up.
    Backup,
    /// Whether AWS's services of artificial intelligence keep content.
    AiServicesOptOut,
    /// From where chats reach accounts.
    Chatbot,
    /// Attributes of EC2.
    DeclarativeEc2,
    /// Where Security Hub is on.
    SecurityHub,
    /// Which standards Security Hub checks.
    SecurityHubCspm,
    /// Where Inspector is on.
    Inspector,
    /// In which order resources are upgraded.
    UpgradeRollout,
    /// Guardrails of Bedrock.
    Bedrock,
    /// Attributes of S3.
    S3,
    /// Where Network Security Director is on.
    NetworkSecurityDirector,
    /// Where GuardDuty is on.
    GuardDuty,
}

impl ManagementKind {
    /// Every kind there is.
    pub const ALL: [Self; 13] = [
        Self::Tag,
        Self::Backup,
        Self::AiServicesOptOut,
        Self::Chatbot,
        Self::DeclarativeEc2,
        Self::SecurityHub,
        Self::SecurityHubCspm,
        Self::Inspector,
        Self::UpgradeRollout,
        Self::Bedrock,
        Self::S3,
        Self::NetworkSecurityDirector,
        Self::GuardDuty,
    ];

    /// As AWS's API has it, as `TAG_POLICY`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tag => "TAG_POLICY",
            Self::Backup => "BACKUP_POLICY",
            Self::AiServicesOptOut => "AISERVICES_OPT_OUT_POLICY",
            Self::Chatbot => "CHATBOT_POLICY",
            Self::DeclarativeEc2 => "DECLARATIVE_POLICY_EC2",
            Self::SecurityHub => "SECURITYHUB_POLICY",
            Self::SecurityHubCspm => "SECURITYHUB_CSPM_POLICY",
            Self::Inspector => "INSPECTOR_POLICY",
            Self::UpgradeRollout => "UPGRADE_ROLLOUT_POLICY",
            Self::Bedrock => "BEDROCK_POLICY",
            Self::S3 => "S3_POLICY",
            Self::NetworkSecurityDirector => "NETWORK_SECURITY_DIRECTOR_POLICY",
            Self::GuardDuty => "GUARDDUTY_POLICY",
        }
    }
    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
    /// As ARNs have it.
    pub fn path(self) -> &'static str {
        match self {
            Self::Tag => "tag_policy",
            Self::Backup => "backup_policy",
            Self::AiServicesOptOut => "aiservices_opt_out_policy",
            Self::Chatbot => "chatbot_policy",
            Self::DeclarativeEc2 => "declarative_policy_ec2",
            Self::SecurityHub => "securityhub_policy",
            Self::SecurityHubCspm => "securityhub_cspm_policy",
            Self::Inspector => "inspector_policy",
            Self::UpgradeRollout => "upgrade_rollout_policy",
            Self::Bedrock => "bedrock_policy",
            Self::S3 => "s3_policy",
            Self::NetworkSecurityDirector => "network_security_director_policy",
            Self::GuardDuty => "guardduty_policy",
        }
    }

    /// What documents look like.
    pub(super) fn shape(self) -> &'static Shape {
        match self {
            Self::Tag => &shapes::TAG,
            Self::Backup => &shapes::BACKUP,
            Self::AiServicesOptOut => &shapes::AI_SERVICES_OPT_OUT,
            Self::Chatbot => &shapes::CHATBOT,
            Self::DeclarativeEc2 => &shapes::DECLARATIVE_EC2,
            Self::SecurityHub => &shapes::SECURITY_HUB,
            Self::Inspector => &shapes::INSPECTOR,
            Self::UpgradeRollout => &shapes::UPGRADE_ROLLOUT,
            Self::Bedrock => &shapes::BEDROCK,
            Self::S3 => &shapes::S3,
            Self::SecurityHubCspm | Self::NetworkSecurityDirector | Self::GuardDuty => {
                &shapes::OTHER
            }
        }
    }
}
