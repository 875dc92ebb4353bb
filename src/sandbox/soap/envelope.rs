//! The envelope of SOAP 1.1: which operation is called, with which parameters. References (`href`, `id`)
//! are replaced by what they stand for.

use std::collections::HashMap;

use super::{
    refusal::{SoapFault, Who},
    xml::{DEEPEST, MOST_ELEMENTS, Node},
};

/// The namespace of SOAP 1.1.
pub(super) const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// The operation that a message calls: its element.
///
/// # Errors
/// When it is no envelope of SOAP 1.1 with one operation in its body, or its references lead nowhere.
pub(super) fn open(root: &Node) -> Result<Node, SoapFault> {
    if root.name != "Envelope" {
        let text = format!("the message is no SOAP envelope but <{}>", root.name);
        return Err(SoapFault::client(&text));
    }
    if root.namespace != ENVELOPE {
        let text = format!(
            "only SOAP 1.1 is spoken here: the envelope is in «{}», not in «{ENVELOPE}»",
            root.namespace
        );
        return Err(SoapFault::new(Who::VersionMismatch, &text));
    }
    let part = |name: &'static str| root.children.iter().filter(move |node| node.name == name);
    if let Some(header) = part("Header")
        .flat_map(|header| &header.children)
        .find(|header| header.must_understand)
    {
        let text = format!("the header <{}> is not understood here", header.name);
        return Err(SoapFault::new(Who::MustUnderstand, &text));
    }
    let mut bodies = part("Body");
    let (Some(body), None) = (bodies.next(), bodies.next()) else {
        return Err(SoapFault::client("the envelope has no body, or more than one"));
    };
    let mut operations = body.children.iter().filter(|node| node.id.is_none());
    let operation = (operations.next().or(body.children.first()))
        .ok_or_else(|| SoapFault::client("the body calls no operation: it is empty"))?;
    if let Some(second) = operations.next() {
        let text = format!(
            "the body calls two operations, {} and {}; send one after the other",
            operation.name, second.name
        );
        return Err(SoapFault::client(&text));
    }
    let mut references = References::default();
    references.collect(body);
    references.resolved(operation, 0)
}

/// What references stand for.
#[derive(Default)]
struct References<'a> {
    by_id: HashMap<&'a str, &'a Node>,
    /// The references that are being followed.
    path: Vec<&'a str>,
    elements: usize,
}

impl<'a> References<'a> {
    fn collect(&mut self, node: &'a Node) {
        if let Some(id) = &node.id {
            self.by_id.entry(id.as_str()).or_insert(node);
        }
        for child in &node.children {
            self.collect(child);
        }
    }

    /// A copy without references.
    fn resolved(&mut self, node: &'a Node, depth: usize) -> Result<Node, SoapFault> {
        self.elements += 1;
        // Few references to each other can stand for very many elements.
        if self.elements > MOST_ELEMENTS || depth >= DEEPEST {
            let text = format!(
                "the references of the message stand for more than {MOST_ELEMENTS} elements, or deeper than {DEEPEST}"
            );
            return Err(SoapFault::client(&text));
        }
        if let Some(href) = &node.href {
            let target = (href.strip_prefix('#'))
                .and_then(|id| self.by_id.get_key_value(id))
                .map(|(id, target)| (*id, *target));
            let Some((id, target)) = target else {
                let text = format!("the reference «{href}» leads to nothing in this message");
                return Err(SoapFault::client(&text));
            };
            if self.path.contains(&id) {
                return Err(SoapFault::client(&format!(
                    "the reference «{href}» leads back to itself"
                )));
            }
            self.path.push(id);
            let mut resolved = self.resolved(target, depth + 1)?;
            self.path.pop();
            resolved.name.clone_from(&node.name);
            return Ok(resolved);
        }
        let mut copy = Node {
            children: Vec::with_capacity(node.children.len()),
            ..node.shallow()
        };
        for child in &node.children {
            copy.children.push(self.resolved(child, depth + 1)?);
        }
        Ok(copy)
    }
}
