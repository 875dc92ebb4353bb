//! The refusals of operations, as the document tells of them: each a problem document. A set is named for what its
//! operations do.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = [$($status:literal),*];)*) => {$(
        $(#[$doc])*
        pub(super) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                [$($status),*].map(problem).into()
            }
        }
    )*};
}

refusals! {
    /// Of lists of which everybody with a role sees a part.
    Listed = ["400", "401", "404", "503"];
    /// Of lists and questions that need a certain role.
    Guarded = ["400", "401", "403", "404", "503"];
    /// Of what is fetched by its address alone, with a certain role.
    Fetched = ["401", "403", "404", "503"];
    /// Of what changes something that cannot be changed by others meanwhile.
    Posted = ["400", "401", "403", "404", "413", "415", "503"];
    /// Of what changes something.
    Changed = ["400", "401", "403", "404", "409", "413", "415", "503"];
}

fn problem(status: &str) -> (String, RefOr<Response>) {
    let schema = Ref::from_schema_name("Problem");
    let response = ResponseBuilder::new()
        .content("application/problem+json", Content::new(Some(schema)))
        .build();
    (status.to_owned(), response.into())
}
