//! `cloudhsm:DescribeClusters`: the clusters of the caller's account.

use std::sync::Arc;

use cloudhsmv2_api::shapes::{DescribeClustersRequest, DescribeClustersResponse};
use cloudhsmv2_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::cluster::Cluster;
use crate::{errors, paging, shapes};

pub(crate) struct DescribeClusters;

/// Clusters of a page.
const MOST: usize = 25;

impl Operation for DescribeClusters {
    type Api = operations::DescribeClusters;
    type Target = ();

    async fn access(_: &DescribeClustersRequest, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::DescribeClusters {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DescribeClustersResponse, Failure> {
        let input = call.input();
        let prefix = Cluster::prefix(call.call().account(), &call.call().region());
        let mut clusters = paging::all::<Cluster>(call.look(), &prefix).await?;
        for (name, values) in input.filters.iter().flatten() {
            let wanted = |value: &str| values.iter().any(|wanted| wanted == value);
            match name.as_str() {
                "clusterIds" => clusters.retain(|cluster| wanted(&cluster.id)),
                "states" => clusters.retain(|cluster| wanted(cluster.state.as_str())),
                // There are no networks, so no cluster is in one.
                "vpcIds" => clusters.clear(),
                unknown => return Err(errors::unknown_filter(unknown)),
            }
        }
        let id = |cluster: &Arc<Cluster>| cluster.id.clone();
        let (page, next_token) =
            paging::page(clusters, &input.next_token, input.max_results, MOST, id)?;
        let shown = page.iter().map(|cluster| shapes::cluster(cluster, true));
        Ok(DescribeClustersResponse {
            clusters: Some(shown.collect()),
            next_token,
        })
    }
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use crate::testing::{CloudHsm, alcazar, cluster, guards};

    const OPERATION: &str = "DescribeClusters";

    #[tokio::test]
    async fn filters_and_pages() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let mut ids = [cluster(&alcazar).await, cluster(&alcazar).await];
        ids.sort();
        let page = root.does(OPERATION, json!({"MaxResults": 1})).await;
        assert_eq!(page["Clusters"][0]["ClusterId"], ids[0].as_str());
        let input = json!({"MaxResults": 1, "NextToken": page["NextToken"]});
        let rest = root.does(OPERATION, input).await;
        assert_eq!(rest["Clusters"][0]["ClusterId"], ids[1].as_str());
        assert_eq!(rest["NextToken"], json!(null));
        for (filters, found) in [
            (json!({"clusterIds": [ids[1]]}), 1),
            (json!({"clusterIds": ids}), 2),
            (json!({"clusterIds": ["cluster-abcdefgh234"]}), 0),
            (json!({"states": ["UNINITIALIZED"]}), 2),
            (json!({"states": ["ACTIVE"]}), 0),
            (json!({"vpcIds": ["vpc-1"]}), 0),
        ] {
            let answer = root.does(OPERATION, json!({"Filters": filters})).await;
            assert_eq!(
                answer["Clusters"].as_array().unwrap().len(),
                found,
                "{filters}"
            );
        }
        let event = alcazar.event(OPERATION).await;
        assert_eq!(
            (&event["readOnly"], &event["responseElements"]),
            (&json!(true), &json!(null))
        );
    }

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let invalid = "CloudHsmInvalidRequestException";
        root.fails(OPERATION, json!({"Filters": {"colour": ["red"]}}), invalid)
            .await;
        root.fails(OPERATION, json!({"NextToken": "!"}), invalid)
            .await;
        root.fails(OPERATION, json!({"MaxResults": 26}), "ValidationException")
            .await;
        guards(&alcazar, OPERATION, json!({})).await;
    }
}
