//! What a simulation costs, before it is begun.

use super::{Simulation, refusals};
use pipeline::Failure;
use policy::Resource;

/// What one page may cost; AWS: "IAM might return fewer results, even when there are more results available".
const PAGE: Cost = Cost {
    read: 4 << 20,
    matched: 1 << 26,
};
/// What one result may cost, over all resources.
const MOST: Cost = Cost {
    read: 4 << 20,
    matched: 1 << 27,
};
/// What a statement, or a key without value, costs beside its text: its place in the answer.
const PLACE: usize = 256;
/// Bytes of the short texts that every pattern may meet: action, account, time.
const SHORT: usize = 256;

/// The cost of one result.
struct Cost {
    /// Bytes read and answered.
    read: usize,
    /// Bytes of patterns times bytes of texts they may be matched with: about 3 nanoseconds each at worst.
    matched: usize,
}

impl Simulation {
    /// How many results a page may have at most.
    ///
    /// # Errors
    /// One result would cost too much.
    pub(super) fn most_results(&self) -> Result<i32, Failure> {
        let cost = self.cost();
        if cost.read > MOST.read || cost.matched > MOST.matched {
            return Err(refusals::too_large());
        }
        let most = (PAGE.read / cost.read.max(1)).min(PAGE.matched / cost.matched.max(1));
        Ok(i32::try_from(most).unwrap_or(i32::MAX).max(1))
    }

    /// Every policy is read, and every pattern may be matched with every text, for every resource.
    fn cost(&self) -> Cost {
        let on_resource = self
            .resources
            .first()
            .and_then(|resource| resource.document());
        let sources = self.sources.all().map(|source| &source.document);
        let documents = sources.chain(on_resource);
        let longest = self.context.longest().max(self.longest_arn());
        let texts = SHORT + self.longest_arn() + self.context.bytes();
        let missing: usize = self.missing.iter().map(|key| PLACE + key.len()).sum();
        let (mut read, mut matched) = (PLACE + missing, 0usize);
        for document in documents {
            let text = document.text();
            read += text.len() + PLACE * document.policy().statements().len();
            matched = matched.saturating_add(patterns(text, longest).saturating_mul(texts));
        }
        let times = self.resources.len().max(1);
        Cost {
            read: read.saturating_mul(times),
            matched: matched.saturating_mul(times),
        }
    }

    fn longest_arn(&self) -> usize {
        let arns = self.resources.iter().map(|it| it.arn().as_str().len());
        arns.max().unwrap_or_default().max(self.caller.arn().len())
    }
}

/// Bytes of a document's texts that are patterns, a variable in them as long as the longest value. An escape may
/// stand for a wildcard or begin a variable.
fn patterns(document: &str, longest: usize) -> usize {
    let wild = |text: &&str| text.contains(['*', '?', '$', '\\']);
    let length = |text: &str| {
        let variables = text.matches(['$', '\\']).count();
        text.len().saturating_add(variables.saturating_mul(longest))
    };
    let texts = document.split('"').filter(wild).map(length);
    texts.fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_count_and_plain_texts_do_not() {
        for (document, expected) in [
            (r#"{"Action":"s3:GetObject"}"#, 0),
            (r#"{"Action":"s3:Get*"}"#, 7),
            (r#"{"Action":["s3:Get?","s3:*"]}"#, 11),
            (r#"{"k":"${aws:username}"}"#, 15 + 100),
            (r#"{"k":"\u002a\u002a"}"#, 12 + 200),
        ] {
            assert_eq!(patterns(document, 100), expected, "{document}");
        }
    }
}
