//! Reads the requestor: one form up to 1.1.0; in 1.2.0 a person or an organization, or the old form.

use super::{
    problem::Problem,
    schema::{Letters, Object},
    version::Version,
};

/// Who pays, as far as ePayBL wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Payer {
    pub(super) name: String,
    pub(super) first_name: Option<String>,
}

const ADDRESS: [&str; 6] = [
    "street",
    "houseNumber",
    "addressLine",
    "postalCode",
    "city",
    "country",
];
const POSTAL: [&str; 8] = [
    "addressType",
    "addressLine1",
    "addressLine2",
    "addressLine3",
    "city",
    "postalCode",
    "countrySubdivision",
    "countryCode",
];

/// # Errors
/// The first thing that is wrong, with where it is.
pub(super) fn read(request: &Object<'_>, version: Version) -> Result<Option<Payer>, Problem> {
    let Some(value) = request.get("requestor") else {
        return Ok(None);
    };
    let typed = version == Version::V1_2_0 && value.get("requestorType").is_some_and(|kind| !kind.is_null());
    let kind = typed.then(|| value.get("requestorType")).flatten();
    match kind.map(|kind| kind.as_str()) {
        None => read_legacy(request, version).map(Some),
        Some(Some("INDIVIDUAL")) => read_individual(request).map(Some),
        Some(Some("ORGANIZATION")) => read_organization(request).map(Some),
        Some(_) => Err(request.wrong("requestor.requestorType", "is not INDIVIDUAL or ORGANIZATION")),
    }
}

fn of<'a>(request: &Object<'a>, known: &[&str]) -> Result<Object<'a>, Problem> {
    request.need("requestor", request.object("requestor", known)?)
}

fn read_legacy(request: &Object<'_>, version: Version) -> Result<Payer, Problem> {
    // The published file of 1.1.0 demands a misspelt member that it does not define; who sends it obeys it.
    let misspelt = if version == Version::V1_1_0 {
        "isIrganization"
    } else {
        "isOrganization"
    };
    let known = [
        "name",
        "firstName",
        "gender",
        "isOrganization",
        misspelt,
        "organizationName",
        "address",
    ];
    let requestor = of(request, &known)?;
    let (people, places, others) = match version {
        Version::V1_0_0 => (Letters::Latin, Letters::Latin, Letters::Latin),
        Version::V1_1_0 | Version::V1_2_0 => (Letters::DinA, Letters::DinB, Letters::DinC),
    };
    let name = requestor.need("name", requestor.text("name", 1, 250, people)?)?;
    let first_name = requestor.need("firstName", requestor.text("firstName", 1, 250, people)?)?;
    requestor.one_of("gender", &["M", "F", "D"])?;
    let is_organization = match requestor.get("isOrganization").map(serde_json::Value::as_bool) {
        None => false,
        Some(Some(is)) => is,
        Some(None) => return Err(requestor.wrong("isOrganization", "is not true or false")),
    };
    let organization = requestor.text("organizationName", 1, 250, others)?;
    let address = requestor.need("address", requestor.object("address", &ADDRESS)?)?;
    address.text("street", 1, 250, places)?;
    address.text("houseNumber", 1, 20, Letters::Id)?;
    for line in address.list("addressLine", 0, 9)?.unwrap_or_default() {
        address.text_of("addressLine", line, 1, 250, places)?;
    }
    address.text("postalCode", 5, 5, Letters::Digits)?;
    address.text("city", 1, 250, places)?;
    address.text("country", 2, 2, Letters::Word)?;
    Ok(match organization {
        Some(organization) if is_organization => Payer {
            name: organization.to_owned(),
            first_name: None,
        },
        _ => Payer {
            name: name.to_owned(),
            first_name: Some(first_name.to_owned()),
        },
    })
}

fn read_individual(request: &Object<'_>) -> Result<Payer, Problem> {
    let known = ["requestorType", "name", "firstName", "gender", "address"];
    let requestor = of(request, &known)?;
    let name = requestor.need("name", requestor.text("name", 1, 250, Letters::DinA)?)?;
    // The published schema keeps the old letters here.
    let first_name = requestor.need("firstName", requestor.text("firstName", 1, 250, Letters::Latin)?)?;
    requestor.one_of("gender", &["M", "F", "D"])?;
    read_postal(&requestor)?;
    Ok(Payer {
        name: name.to_owned(),
        first_name: Some(first_name.to_owned()),
    })
}

fn read_organization(request: &Object<'_>) -> Result<Payer, Problem> {
    let requestor = of(request, &["requestorType", "name", "address"])?;
    let name = requestor.need("name", requestor.text("name", 1, 250, Letters::DinC)?)?;
    read_postal(&requestor)?;
    Ok(Payer {
        name: name.to_owned(),
        first_name: None,
    })
}

fn read_postal(requestor: &Object<'_>) -> Result<(), Problem> {
    let address = requestor.need("address", requestor.object("address", &POSTAL)?)?;
    address.need("addressType", address.one_of("addressType", &["POSTAL_ADDRESS"])?)?;
    address.need(
        "addressLine1",
        address.text("addressLine1", 1, 250, Letters::DinB)?,
    )?;
    address.text("addressLine2", 1, 250, Letters::DinB)?;
    address.text("addressLine3", 1, 250, Letters::DinB)?;
    address.need("city", address.text("city", 1, 250, Letters::DinB)?)?;
    address.need("postalCode", address.text("postalCode", 1, 16, Letters::Any)?)?;
    address.text("countrySubdivision", 1, 250, Letters::DinB)?;
    address.need(
        "countryCode",
        address.text("countryCode", 2, 2, Letters::Capitals)?,
    )?;
    Ok(())
}
