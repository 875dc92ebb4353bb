//! What the WSDL promises, and whether an answer keeps it.

use std::collections::BTreeMap;

use super::*;

pub(super) struct Schema {
    types: BTreeMap<String, Tree>,
    results: BTreeMap<String, (String, String)>,
}

impl Schema {
    pub(super) async fn of(stage: &Stage, version: &str) -> Self {
        let url = format!("{}?wsdl&version={version}", stage.sandbox.soap_url());
        let answer = stage.client.get(url).send().await.expect("an answer");
        assert_eq!(answer.headers()["content-type"], "text/xml; charset=utf-8");
        let wsdl = Tree::read(&answer.text().await.expect("text")).expect("a WSDL");
        let by_name = |kind: &str| {
            wsdl.all(kind)
                .into_iter()
                .map(|tree| (tree.attribute("name").to_owned(), tree))
        };
        Self {
            types: by_name("complexType")
                .map(|(name, tree)| (name, tree.clone()))
                .collect(),
            results: by_name("message")
                .filter(|(name, _)| name.ends_with("Response"))
                .map(|(name, tree)| {
                    let part = tree.only_child("part");
                    let (own, kind) = (part.attribute("name"), part.attribute("type"));
                    (name, (own.to_owned(), kind.to_owned()))
                })
                .collect(),
        }
    }

    /// The response of an operation.
    pub(super) fn check(&self, response: &Tree) {
        let (name, kind) = &self.results[&response.name];
        self.conforms(response.only_child(name), kind);
    }

    fn conforms(&self, node: &Tree, kind: &str) {
        let Some(name) = kind.strip_prefix("ep:") else {
            assert_eq!(node.attribute("xsi:type"), kind, "{node:?}");
            assert!(node.children.is_empty(), "{node:?}");
            return;
        };
        let declared = self
            .types
            .get(name)
            .unwrap_or_else(|| panic!("{kind} is not declared"));
        if let Some(array) = declared.all("attribute").first() {
            assert_eq!(node.attribute("xsi:type"), "soapenc:Array");
            let item = array.attribute("wsdl:arrayType").trim_end_matches("[]");
            let size = format!("{item}[{}]", node.children.len());
            assert_eq!(node.attribute("soapenc:arrayType"), size);
            node.children
                .iter()
                .for_each(|child| self.conforms(child.only("item"), item));
            return;
        }
        assert_eq!(node.attribute("xsi:type"), kind, "{node:?}");
        let fields = declared.all("element");
        let mut place = 0;
        for child in &node.children {
            let found = (fields[place..].iter()).position(|field| field.attribute("name") == child.name);
            let found = found.unwrap_or_else(|| panic!("{} has no {} in this place", kind, child.name));
            place += found;
            self.conforms(child, fields[place].attribute("type"));
            place += usize::from(fields[place].attribute("maxOccurs").is_empty());
        }
    }
}

#[tokio::test]
async fn the_description_says_where_the_service_is() {
    let public_url = Some(Url::parse("https://demo.example/epaybl/").expect("an address"));
    let stage = Stage::with(Options {
        public_url,
        ..options()
    })
    .await;
    for query in ["?wsdl", "?WSDL", "?Wsdl=", "?x=1&wsdl&version=2"] {
        let url = stage.sandbox.soap_url() + query;
        let wsdl = stage
            .client
            .get(url)
            .send()
            .await
            .expect("an answer")
            .text()
            .await
            .expect("text");
        let version = if query.contains('2') { "?version=2" } else { "" };
        let address = format!("location=\"https://demo.example/epaybl/soap/servlet/rpcrouter{version}\"");
        assert!(wsdl.contains(&address), "{wsdl}");
        assert_eq!(wsdl.contains("ArrayOfBuchung"), query.contains('2'));
        let schema = "schemaLocation=\"https://demo.example/epaybl/soap/servlet/rpcrouter?xsd\"";
        assert_eq!(wsdl.contains(schema), query.contains('2'));
    }
    let xsd = stage
        .client
        .get(stage.sandbox.soap_url() + "?xsd")
        .send()
        .await
        .expect("an answer");
    let xsd = Tree::read(&xsd.text().await.expect("text")).expect("a schema");
    assert_eq!(
        xsd.attribute("targetNamespace"),
        "http://schemas.xmlsoap.org/soap/encoding/"
    );
    let bare = stage
        .client
        .get(stage.sandbox.soap_url())
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        (bare.status().as_u16(), &bare.headers()["allow"]),
        (405, &"POST".parse().expect("a value"))
    );
}

#[tokio::test]
async fn every_type_that_is_named_is_declared() {
    let stage = Stage::new().await;
    for version in ["2", "3"] {
        let schema = Schema::of(&stage, version).await;
        let declared = |kind: &str| {
            kind.strip_prefix("ep:")
                .is_none_or(|name| schema.types.contains_key(name))
        };
        assert!(schema.results.values().all(|(_, kind)| declared(kind)));
        for tree in schema.types.values() {
            for field in tree.all("element") {
                assert!(declared(field.attribute("type")), "{field:?}");
            }
        }
    }
}
