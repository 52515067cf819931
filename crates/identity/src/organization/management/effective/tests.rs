//! AWS's own examples of inheritance, and what they leave open.

use super::*;
use ManagementKind::{AiServicesOptOut, Backup, SecurityHub, Tag};

fn effective(kind: ManagementKind, levels: &[&[&str]]) -> Json {
    let documents: Vec<Vec<ManagementDocument>> = levels
        .iter()
        .map(|level| {
            let parse = |text: &&str| ManagementDocument::parse(kind, text).unwrap();
            level.iter().map(parse).collect()
        })
        .collect();
    let levels: Vec<Vec<&ManagementDocument>> = documents
        .iter()
        .map(|level| level.iter().collect())
        .collect();
    serde_json::from_str(&EffectivePolicy::of(kind, &levels).text()).unwrap()
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

const A: &str = r#"{"tags":{"costcenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["Development","Support"]}}}}"#;

/// AWS document: AWS Organizations User Guide, "Inheritance examples", by their numbers. There they are of
/// `enforced_for`, which is not taken here.
#[test]
fn examples_of_the_documentation() {
    let b = r#"{"tags":{"costcenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["Sandbox"]},"report_required_tag_for":{"@@assign":["redshift:*","dynamodb:table"]}}}}"#;
    let c = r#"{"tags":{"costcenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@append":["Marketing"]},"report_required_tag_for":{"@@append":["redshift:*","dynamodb:table"]}}}}"#;
    let d = r#"{"tags":{"costcenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@remove":["Development","Marketing"]},"report_required_tag_for":{"@@remove":["redshift:*","dynamodb:table"]}}}}"#;
    let e = r#"{"tags":{"project":{"tag_key":{"@@operators_allowed_for_child_policies":["@@none"],"@@assign":"Project"},"tag_value":{"@@operators_allowed_for_child_policies":["@@append"],"@@assign":["Maintenance","Escalations"]}}}}"#;
    let f = r#"{"tags":{"project":{"tag_key":{"@@assign":"PROJECT"},"tag_value":{"@@append":["Escalations - research"]}}}}"#;
    let g = r#"{"tags":{"project":{"tag_value":{"@@operators_allowed_for_child_policies":["@@append"],"@@assign":["Maintenance"]}}}}"#;
    let h = r#"{"tags":{"project":{"tag_value":{"@@operators_allowed_for_child_policies":["@@append","@@remove"]}}}}"#;
    let h_below =
        r#"{"tags":{"project":{"tag_value":{"@@append":["More"],"@@remove":["Maintenance"]}}}}"#;
    let j = r#"{"tags":{"project":{"tag_key":{"@@assign":"PROJECT"},"tag_value":{"@@append":["Maintenance"]}}}}"#;
    let k = r#"{"tags":{"project":{"tag_key":{"@@assign":"project"}}}}"#;
    for (number, levels, expected) in [
        (
            1,
            vec![&[A][..], &[b]],
            r#"{"tags":{"costcenter":{"tag_key":"CostCenter","tag_value":["Sandbox"],"report_required_tag_for":["redshift:*","dynamodb:table"]}}}"#,
        ),
        (
            2,
            vec![&[A], &[c]],
            r#"{"tags":{"costcenter":{"tag_key":"CostCenter","tag_value":["Development","Support","Marketing"],"report_required_tag_for":["redshift:*","dynamodb:table"]}}}"#,
        ),
        (
            3,
            vec![&[A], &[c], &[d]],
            r#"{"tags":{"costcenter":{"tag_key":"CostCenter","tag_value":["Support"]}}}"#,
        ),
        (
            4,
            vec![&[e], &[f]],
            r#"{"tags":{"project":{"tag_key":"Project","tag_value":["Maintenance","Escalations","Escalations - research"]}}}"#,
        ),
        (
            5,
            vec![&[g, h], &[h_below]],
            r#"{"tags":{"project":{"tag_value":["Maintenance","More"]}}}"#,
        ),
        (
            5,
            vec![&[h, g], &[h_below]],
            r#"{"tags":{"project":{"tag_value":["Maintenance","More"]}}}"#,
        ),
        (
            6,
            vec![&[j, k]],
            r#"{"tags":{"project":{"tag_key":"PROJECT","tag_value":["Maintenance"]}}}"#,
        ),
    ] {
        assert_eq!(effective(Tag, &levels), json(expected), "{number}");
    }
}

/// AWS document: AWS Organizations User Guide, "AI services opt-out policy syntax and examples".
#[test]
fn a_group_may_be_closed() {
    let closed = r#"{"services":{"@@operators_allowed_for_child_policies":["@@none"],"default":{"@@operators_allowed_for_child_policies":["@@none"],"opt_out_policy":{"@@operators_allowed_for_child_policies":["@@none"],"@@assign":"optOut"}}}}"#;
    let open = closed.replacen(
        r#""@@operators_allowed_for_child_policies":["@@none"],"#,
        "",
        1,
    );
    let below = r#"{"services":{"lex":{"opt_out_policy":{"@@assign":"optIn"}},"default":{"opt_out_policy":{"@@assign":"optIn"}}}}"#;
    let lex_too =
        r#"{"services":{"default":{"opt_out_policy":"optOut"},"lex":{"opt_out_policy":"optIn"}}}"#;
    let default = r#"{"services":{"default":{"opt_out_policy":"optOut"}}}"#;
    let found = effective(AiServicesOptOut, &[&[closed], &[below]]);
    assert_eq!(found, json(default));
    let found = effective(AiServicesOptOut, &[&[&open], &[below]]);
    assert_eq!(found, json(lex_too));
    // What is in a closed group already has rules of its own.
    let half = r#"{"services":{"@@operators_allowed_for_child_policies":["@@none"],"default":{"opt_out_policy":{"@@assign":"optOut"}}}}"#;
    let turned = r#"{"services":{"default":{"opt_out_policy":"optIn"}}}"#;
    let found = effective(AiServicesOptOut, &[&[half], &[below]]);
    assert_eq!(found, json(turned));
}

#[test]
fn no_level_takes_back_what_one_above_has_said() {
    let only = |operators: &str, rest: &str| {
        format!(
            r#"{{"tags":{{"a":{{"tag_value":{{"@@operators_allowed_for_child_policies":{operators}{rest}}}}}}}}}"#
        )
    };
    let none = only(r#"["@@none"]"#, r#","@@assign":["x"]"#);
    let all = only(r#"["@@all"]"#, "");
    let below =
        r#"{"tags":{"a":{"tag_value":{"@@assign":["y"],"@@append":["z"],"@@remove":["x"]}}}}"#;
    let kept = json(r#"{"tags":{"a":{"tag_value":["x"]}}}"#);
    for levels in [
        &[&[none.as_str()][..], &[&all], &[below]][..],
        &[&[&none, &all], &[below]],
        &[&[&all, &none], &[below]],
    ] {
        assert_eq!(effective(Tag, levels), kept);
    }
    // Its own level a policy does not limit.
    let found = effective(Tag, &[&[&none, below]]);
    assert_eq!(found, json(r#"{"tags":{"a":{"tag_value":["z"]}}}"#));
    // What a policy brings where only some operators are left, those below may touch by these alone.
    let append = only(r#"["@@append"]"#, "");
    let found = effective(Tag, &[&[&append], &[below], &[below]]);
    assert_eq!(found, json(r#"{"tags":{"a":{"tag_value":["z"]}}}"#));
}

#[test]
fn names_are_the_same_in_either_case() {
    let upper = r#"{"tags":{"COSTCENTER":{"tag_value":{"@@append":["x"]}}}}"#;
    let found = effective(Tag, &[&[A], &[upper]]);
    let expected = r#"{"tags":{"costcenter":{"tag_key":"CostCenter","tag_value":["Development","Support","x"]}}}"#;
    assert_eq!(found, json(expected));
}

#[test]
fn what_is_left_of_nothing() {
    assert_eq!(effective(Tag, &[]), json("{}"));
    let empty = r#"{"tags":{"a":{}}}"#;
    assert_eq!(effective(Tag, &[&[empty]]), json(r#"{"tags":{}}"#));
    let lists = r#"{"securityhub":{"enable_in_regions":{"@@assign":["x"]},"disable_in_regions":{"@@assign":[]}}}"#;
    let shown = r#"{"securityhub":{"enable_in_regions":["x"],"disable_in_regions":[]}}"#;
    assert_eq!(effective(SecurityHub, &[&[lists]]), json(shown));
}

#[test]
fn what_an_account_lacks_is_told() {
    let plan = r#"{"plans":{"Daily":{"regions":{"@@assign":["us-east-1"]}}}}"#;
    let rule = r#"{"plans":{"daily":{"rules":{"R":{"schedule_expression":{"@@assign":"x"}}}}}}"#;
    let parse = |text| ManagementDocument::parse(Backup, text).unwrap();
    let (plan, rule) = (parse(plan), parse(rule));
    let levels = [vec![&plan], vec![&rule]];
    let policy = EffectivePolicy::of(Backup, &levels);
    let defects = policy.defects(&levels);
    let found: Vec<_> = defects
        .iter()
        .map(|it| (it.path.as_str(), it.documents.as_slice()))
        .collect();
    assert_eq!(
        found,
        [
            ("plans/daily/selections", &[0, 1][..]),
            ("plans/daily/rules/r/target_backup_vault_name", &[1]),
        ]
    );
    let full = r#"{"plans":{"daily":{"rules":{"r":{"target_backup_vault_name":{"@@assign":"v"}}},"selections":{"tags":{"t":{"iam_role_arn":{"@@assign":"a"}}}}}}}"#;
    let full = parse(full);
    let levels = [vec![&plan], vec![&full]];
    assert!(
        EffectivePolicy::of(Backup, &levels)
            .defects(&levels)
            .is_empty()
    );
}

#[test]
fn seven_levels_of_long_documents_come_to_one_list() {
    let value = |number: usize| format!(r#""{number:x}""#);
    let list = |from: usize| {
        (from..from + 1_500)
            .map(value)
            .collect::<Vec<_>>()
            .join(",")
    };
    let documents = (0..70).map(|place| {
        let list = list(place * 1_500);
        let text = format!(r#"{{"tags":{{"a":{{"tag_value":{{"@@append":[{list}]}}}}}}}}"#);
        ManagementDocument::parse(Tag, &text).unwrap()
    });
    let documents: Vec<ManagementDocument> = documents.collect();
    let levels: Vec<Vec<&ManagementDocument>> = documents
        .chunks(10)
        .map(|level| level.iter().collect())
        .collect();
    let policy = EffectivePolicy::of(Tag, &levels);
    let found = json(&policy.text());
    let values = found["tags"]["a"]["tag_value"].as_array().unwrap();
    assert_eq!(values.len(), 105_000);
}

#[test]
fn names_with_slashes_are_told_apart() {
    let rule = r#"{"regions":{"@@assign":["x"]}}"#;
    let text = format!(r#"{{"plans":{{"a/b~c":{rule}}}}}"#);
    let document = ManagementDocument::parse(Backup, &text).unwrap();
    let levels = [vec![&document]];
    let policy = EffectivePolicy::of(Backup, &levels);
    assert!(!policy.is_valid());
    let paths = policy.defects(&levels).into_iter().map(|it| it.path);
    let paths: Vec<String> = paths.collect();
    assert_eq!(paths, ["plans/a~1b~0c/rules", "plans/a~1b~0c/selections"]);
}
