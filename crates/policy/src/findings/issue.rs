//! The issues that ValidatePolicy knows: AWS's codes, their kinds and what is said of each.

/// How much an issue matters.
/// Source: IAM Access Analyzer API Reference, "ValidatePolicyFinding".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// A part of the policy does not work.
    Error,
    /// The policy allows more than it should.
    SecurityWarning,
    /// Something is not as it should be written, without harm to security.
    Warning,
    /// The policy could be simpler.
    Suggestion,
}

impl FindingKind {
    /// AWS's name, as `SECURITY_WARNING`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::SecurityWarning => "SECURITY_WARNING",
            Self::Warning => "WARNING",
            Self::Suggestion => "SUGGESTION",
        }
    }
}

macro_rules! issues {
    ($($kind:ident { $($name:ident $code:literal $details:literal)* })*) => {
        /// What may be found.
        /// Source: IAM User Guide, "IAM policy validation check reference".
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum IssueCode {
            $($(#[doc = $details] $name,)*)*
        }

        impl IssueCode {
            /// Every issue that is looked for.
            pub const ALL: &[Self] = &[$($(Self::$name,)*)*];

            /// AWS's code, as `MISSING_ACTION`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($(Self::$name => $code,)*)*
                }
            }
            /// How much it matters.
            pub fn kind(self) -> FindingKind {
                match self {
                    $($(Self::$name => FindingKind::$kind,)*)*
                }
            }
            /// What is said of it; each `{}` is filled in.
            pub(crate) fn template(self) -> &'static str {
                match self {
                    $($(Self::$name => $details,)*)*
                }
            }
        }
    };
}

issues! {
    Error {
        JsonSyntaxError "JSON_SYNTAX_ERROR" "Fix the JSON syntax error at index {}."
        DataTypeMismatch "DATA_TYPE_MISMATCH" "The text does not match the expected JSON data type {}."
        InvalidPolicyElement "INVALID_POLICY_ELEMENT" "The policy element {} is not valid."
        InvalidVersion "INVALID_VERSION" "The version {} is not valid. Use 2012-10-17 or 2008-10-17."
        MissingStatement "MISSING_STATEMENT" "Add a statement to the policy."
        MissingEffect "MISSING_EFFECT" "Add an Effect element with a value of Allow or Deny."
        MissingAction "MISSING_ACTION" "Add an Action or NotAction element."
        MissingResource "MISSING_RESOURCE" "Add a Resource or NotResource element."
        MissingPrincipal "MISSING_PRINCIPAL" "Add a Principal element."
        InvalidEffect "INVALID_EFFECT" "The effect {} is not valid. Use Allow or Deny."
        UnsupportedElementCombination "UNSUPPORTED_ELEMENT_COMBINATION" "The policy elements {} and {} can not be used in the same statement."
        UniqueSidsRequired "UNIQUE_SIDS_REQUIRED" "Duplicate statement IDs are not supported for this policy type."
        UnsupportedSid "UNSUPPORTED_SID" "Use only the characters a-z, A-Z and 0-9 in the Sid element."
        PolicySizeExceedsScpQuota "POLICY_SIZE_EXCEEDS_SCP_QUOTA" "The {} characters in the service control policy exceed the maximum of {}."
        InvalidAction "INVALID_ACTION" "The action {} does not exist."
        InvalidServiceInAction "INVALID_SERVICE_IN_ACTION" "The service {} specified in the action does not exist."
        UnsupportedActionInPolicy "UNSUPPORTED_ACTION_IN_POLICY" "The action {} is not supported for the policy attached to the resource type {}."
        InvalidArnPrefix "INVALID_ARN_PREFIX" "Add the required prefix (arn) to the resource ARN."
        MissingArnField "MISSING_ARN_FIELD" "Resource ARNs need 6 fields: arn:partition:service:region:account:resource"
        InvalidPartition "INVALID_PARTITION" "The resource ARN does not support the partition {}."
        InvalidArnServiceCase "INVALID_ARN_SERVICE_CASE" "Write the service name {} in the resource ARN in lowercase."
        InvalidService "INVALID_SERVICE" "The service {} does not exist."
        InvalidArnAccount "INVALID_ARN_ACCOUNT" "The resource ARN account ID {} is not valid. Provide 12 digits."
        ArnAccountNotAllowed "ARN_ACCOUNT_NOT_ALLOWED" "The service {} does not support an account ID in the resource ARN."
        InvalidArnRegion "INVALID_ARN_REGION" "The Region {} is not valid for this resource."
        ArnRegionNotAllowed "ARN_REGION_NOT_ALLOWED" "The service {} does not support a Region in the resource ARN."
        MissingArnRegion "MISSING_ARN_REGION" "Add a Region to the {} resource ARN."
        InvalidArnResource "INVALID_ARN_RESOURCE" "The resource ARN does not match the format of any resource of the service."
        RoleTrustPolicySyntaxErrorResource "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE" "A role trust policy applies to its role. Remove the Resource or NotResource element."
        ScpSyntaxErrorPrincipal "SCP_SYNTAX_ERROR_PRINCIPAL" "SCPs do not support principals."
        UnsupportedPrincipal "UNSUPPORTED_PRINCIPAL" "The policy type {} does not support this Principal element."
        InvalidPrincipalFormat "INVALID_PRINCIPAL_FORMAT" "Specify a key-value pair in the Principal element."
        InvalidPrincipalKey "INVALID_PRINCIPAL_KEY" "The principal key {} is not valid."
        UnsupportedWildcardInPrincipal "UNSUPPORTED_WILDCARD_IN_PRINCIPAL" "Wildcards (*, ?) are not supported with the principal key {}."
        InvalidServicePrincipalFormat "INVALID_SERVICE_PRINCIPAL_FORMAT" "Use the format {} for the service principal."
        FederatedPrincipalNotSupported "FEDERATED_PRINCIPAL_NOT_SUPPORTED" "The policy type does not support a federated identity provider as principal."
        UnsupportedConditionKeyForServicePrincipal "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL" "The condition key {} is not supported with the service principal."
        RoleTrustPolicySyntaxErrorNotPrincipal "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL" "Role trust policies do not support NotPrincipal."
        RoleTrustPolicyUnsupportedWildcardInPrincipal "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL" "\"Principal\": \"*\" is not supported in a role trust policy."
        InvalidFederatedPrincipalSyntaxInRoleTrustPolicy "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY" "Use a domain name or a provider ARN as federated principal."
        MismatchedActionForPrincipal "MISMATCHED_ACTION_FOR_PRINCIPAL" "The action {} is invalid with the principals of the statement."
        MissingActionForRolesAnywhereTrustPolicy "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY" "rolesanywhere.amazonaws.com needs sts:AssumeRole, sts:SetSourceIdentity and sts:TagSession."
        MissingActionForConditionKey "MISSING_ACTION_FOR_CONDITION_KEY" "Add the action {} to allow setting values for the condition key {}."
        InvalidConditionOperator "INVALID_CONDITION_OPERATOR" "The condition operator {} is not valid."
        NullWithIfExists "NULL_WITH_IF_EXISTS" "The Null condition operator cannot be used with the IfExists suffix."
        InvalidConditionKeyFormat "INVALID_CONDITION_KEY_FORMAT" "Use the format service:keyname for the condition key."
        DuplicateKeysWithDifferentCase "DUPLICATE_KEYS_WITH_DIFFERENT_CASE" "The condition key {} appears more than once with different capitalization."
        InvalidConditionDataType "INVALID_CONDITION_DATA_TYPE" "Use condition values of the same JSON data type."
        InvalidConditionMultipleBoolean "INVALID_CONDITION_MULTIPLE_BOOLEAN" "The condition key does not support multiple Boolean values."
        InvalidGlobalConditionKey "INVALID_GLOBAL_CONDITION_KEY" "The condition key {} does not exist."
        InvalidServiceConditionKey "INVALID_SERVICE_CONDITION_KEY" "The condition key {} does not exist in the service {}."
        UnsupportedActionForConditionKey "UNSUPPORTED_ACTION_FOR_CONDITION_KEY" "The action {} is not supported by the condition key {}."
        MissingTagKeyInCondition "MISSING_TAG_KEY_IN_CONDITION" "The condition key {} must include a tag key: {}/tag-key."
        MissingQualifier "MISSING_QUALIFIER" "The condition key {} has multiple values. Use ForAllValues or ForAnyValue."
        InvalidRegion "INVALID_REGION" "The Region {} is not valid."
        InvalidVpcFormat "INVALID_VPC_FORMAT" "Write a VPC as vpc- and 8 or 17 alphanumeric characters."
        InvalidVpceFormat "INVALID_VPCE_FORMAT" "Write a VPC endpoint as vpce- and 8 or 17 alphanumeric characters."
        PrivateIpAddress "PRIVATE_IP_ADDRESS" "aws:SourceIp works only for public addresses, and all of these are private."
        PrivateNotIpAddress "PRIVATE_NOT_IP_ADDRESS" "aws:SourceIp works only for public addresses, so excluding private ones has no effect."
        MissingBraceInVariable "MISSING_BRACE_IN_VARIABLE" "The policy variable is missing its closing brace."
        MissingQuoteInVariable "MISSING_QUOTE_IN_VARIABLE" "The default value of a policy variable begins and ends with a single quote."
        UnsupportedSpaceInVariable "UNSUPPORTED_SPACE_IN_VARIABLE" "A space is not supported within a policy variable."
        EmptyVariable "EMPTY_VARIABLE" "Empty policy variable."
        VariableUnsupportedInElement "VARIABLE_UNSUPPORTED_IN_ELEMENT" "Policy variables are supported in the Resource and Condition elements."
        VariableUnsupportedInVersion "VARIABLE_UNSUPPORTED_IN_VERSION" "To use variables, write the policy version 2012-10-17."
        InvalidVariableForOperator "INVALID_VARIABLE_FOR_OPERATOR" "Policy variables can only be used with String and ARN operators."
    }
    SecurityWarning {
        AllowWithNotPrincipal "ALLOW_WITH_NOT_PRINCIPAL" "Allow with NotPrincipal can be overly permissive. Use Principal."
        ForAllValuesWithSingleValuedKey "FORALLVALUES_WITH_SINGLE_VALUED_KEY" "ForAllValues with the single-valued condition key {} can be overly permissive."
        PassRoleWithNotResource "PASS_ROLE_WITH_NOT_RESOURCE" "iam:PassRole with NotResource can be overly permissive. Specify resource ARNs."
        PassRoleWithStarInActionAndNotResource "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE" "A wildcard action with NotResource can allow iam:PassRole on many roles."
        PassRoleWithNotActionAndNotResource "PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE" "NotAction with NotResource can allow iam:PassRole on many roles."
        PassRoleWithStarInResource "PASS_ROLE_WITH_STAR_IN_RESOURCE" "iam:PassRole on every role can be overly permissive. Specify resource ARNs or add iam:PassedToService."
        PassRoleWithStarInActionAndResource "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE" "A wildcard action on every resource allows iam:PassRole on all roles. Specify resource ARNs or add iam:PassedToService."
        PassRoleWithStarInResourceAndNotAction "PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION" "NotAction on every resource allows iam:PassRole on all roles. Specify resource ARNs or add iam:PassedToService."
        MissingPairedConditionKeys "MISSING_PAIRED_CONDITION_KEYS" "The condition key {} can be overly permissive without {}."
        DenyWithUnsupportedTagConditionKeyForService "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE" "Deny with the condition key {} does not deny actions of the service {}, which does not support it."
        DenyNotActionWithUnsupportedTagConditionKeyForService "DENY_NOT_ACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE" "Deny with NotAction and the condition key {} does not deny actions that do not support the key."
        RestrictAccessToServicePrincipal "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL" "Restrict the service principal with aws:SourceArn or aws:SourceAccount."
        MissingConditionKeyForOidcPrincipal "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL" "Add condition keys of the identity provider {}."
        MissingGithubRepoConditionKey "MISSING_GITHUB_REPO_CONDITION_KEY" "Name the repository and branch with token.actions.githubusercontent.com:sub."
    }
    Warning {
        MissingVersion "MISSING_VERSION" "Specify the Version element."
        UniqueSidsRecommended "UNIQUE_SIDS_RECOMMENDED" "Use statement IDs that are unique in the policy."
        PolicySizeExceedsIdentityPolicyQuota "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA" "The {} characters in the identity policy, without whitespace, exceed the maximum of {}."
        PolicySizeExceedsResourcePolicyQuota "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA" "The {} characters in the resource policy exceed the maximum of {}."
        PolicySizeExceedsRoleTrustPolicyQuota "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA" "The {} characters in the role trust policy, without whitespace, exceed the maximum of {}."
        CreateSlrWithNotResource "CREATE_SLR_WITH_NOT_RESOURCE" "iam:CreateServiceLinkedRole with NotResource can create unintended roles. Specify resource ARNs."
        CreateSlrWithStarInActionAndNotResource "CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE" "A wildcard action with NotResource can allow iam:CreateServiceLinkedRole."
        CreateSlrWithNotActionAndNotResource "CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE" "NotAction with NotResource can allow iam:CreateServiceLinkedRole."
        CreateSlrWithStarInResource "CREATE_SLR_WITH_STAR_IN_RESOURCE" "iam:CreateServiceLinkedRole on every resource can create unintended roles. Specify resource ARNs."
        CreateSlrWithStarInActionAndResource "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE" "A wildcard action on every resource allows iam:CreateServiceLinkedRole."
        CreateSlrWithStarInResourceAndNotAction "CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION" "NotAction on every resource allows iam:CreateServiceLinkedRole."
        DeprecatedGlobalConditionKey "DEPRECATED_GLOBAL_CONDITION_KEY" "Use {} in place of the deprecated condition key {}."
        InvalidRoleReference "INVALID_ROLE_REFERENCE" "The Principal element includes the IAM role ID {}. Use a role ARN."
        InvalidUserReference "INVALID_USER_REFERENCE" "The Principal element includes the IAM user ID {}. Use a user ARN."
        InvalidDateValue "INVALID_DATE_VALUE" "The date {} might not resolve as expected. Use the YYYY-MM-DD format."
        WildcardWithoutLikeOperator "WILDCARD_WITHOUT_LIKE_OPERATOR" "The value includes a * or ?, which are wildcards only in a Like operator."
        TypeMismatch "TYPE_MISMATCH" "Use the operator type {} instead of operator {} for the condition key {}."
        TypeMismatchBoolean "TYPE_MISMATCH_BOOLEAN" "Write true or false for the condition operator {}."
        TypeMismatchDate "TYPE_MISMATCH_DATE" "Write a date as YYYY-MM-DD or another ISO 8601 form."
        TypeMismatchIpRange "TYPE_MISMATCH_IP_RANGE" "Write an IP range in CIDR format for the condition operator {}."
        TypeMismatchNumber "TYPE_MISMATCH_NUMBER" "Write a number for the condition operator {}."
        TypeMismatchString "TYPE_MISMATCH_STRING" "Write a base64-encoded string for the condition operator {}."
        SpecificGithubRepoAndBranchRecommended "SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED" "A wildcard in token.actions.githubusercontent.com:sub can allow more sources than intended."
    }
    Suggestion {
        EmptyArrayAction "EMPTY_ARRAY_ACTION" "This statement includes no actions and does not affect the policy."
        EmptyArrayResource "EMPTY_ARRAY_RESOURCE" "This statement includes no resources and does not affect the policy."
        EmptyArrayPrincipal "EMPTY_ARRAY_PRINCIPAL" "This statement includes no principals and does not affect the policy."
        EmptyObjectPrincipal "EMPTY_OBJECT_PRINCIPAL" "This statement includes no principals and does not affect the policy."
        EmptyObjectCondition "EMPTY_OBJECT_CONDITION" "This condition block is empty and does not affect the policy."
        EmptyArrayCondition "EMPTY_ARRAY_CONDITION" "There are no values for the condition key {}."
        EmptyArrayConditionForAllValues "EMPTY_ARRAY_CONDITION_FORALLVALUES" "ForAllValues without values matches only if the key {} is missing. Use Null."
        EmptyArrayConditionForAnyValue "EMPTY_ARRAY_CONDITION_FORANYVALUE" "ForAnyValue without values never matches the key {}."
        EmptyArrayConditionIfExists "EMPTY_ARRAY_CONDITION_IFEXISTS" "IfExists without values matches only if the key {} is missing. Use Null."
        EmptySidValue "EMPTY_SID_VALUE" "Add a value to the empty string in the Sid element."
        ImproveIpRange "IMPROVE_IP_RANGE" "The bits behind the mask are ignored. Write {}."
        NullWithQualifier "NULL_WITH_QUALIFIER" "Null with ForAllValues or ForAnyValue always has the same answer."
        PrivateIpAddressSubset "PRIVATE_IP_ADDRESS_SUBSET" "aws:SourceIp works only for public addresses, and some of these are private. Use aws:VpcSourceIp for those."
        PrivateNotIpAddressSubset "PRIVATE_NOT_IP_ADDRESS_SUBSET" "aws:SourceIp works only for public addresses, so excluding private ones has no effect. Use aws:VpcSourceIp for those."
        RedundantAction "REDUNDANT_ACTION" "{} action(s) are redundant, such as {}."
        RedundantResource "REDUNDANT_RESOURCE" "{} resource ARN(s) are redundant, such as {}."
        RedundantConditionValueNum "REDUNDANT_CONDITION_VALUE_NUM" "Multiple values in {} are redundant. Keep the {} value for {}."
        RedundantStatement "REDUNDANT_STATEMENT" "The statements provide identical permissions."
        WildcardInServiceName "WILDCARD_IN_SERVICE_NAME" "Avoid wildcards (*, ?) in the service name."
        AllowWithUnsupportedTagConditionKeyForService "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE" "Allow with the condition key {} does not allow actions of the service {}, which does not support it."
        AllowNotActionWithUnsupportedTagConditionKeyForService "ALLOW_NOT_ACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE" "Allow with NotAction and the condition key {} allows only actions that support the key."
        RecommendedConditionKeyForServicePrincipal "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL" "Restrict the service principal with aws:SourceArn or aws:SourceAccount instead of {}."
        IrrelevantConditionKeyInPolicy "IRRELEVANT_CONDITION_KEY_IN_POLICY" "The condition key {} is not relevant in a resource policy."
        RedundantPrincipalInRoleTrustPolicy "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY" "The principal {} is redundant with its role {}."
        ConfirmAudienceClaimType "CONFIRM_AUDIENCE_CLAIM_TYPE" "Use ForAllValues or ForAnyValue with the audience claim only if the provider sends several."
    }
}
