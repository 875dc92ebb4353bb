//! The way that mostly fits an exception: a proposal, and a person decides. To add one: an arm in [`proposal`].

use super::exception::ExceptionCode;
use super::resolution::How;

/// What mostly fits; `found`: one payment was found that the money may be of. Whatever must be cleared elsewhere first
/// (at the provider, at the bank, with the payer) is left with a note of what came of it.
pub const fn proposal(code: ExceptionCode, found: bool) -> How {
    match code {
        ExceptionCode::UnknownCredit
        | ExceptionCode::AmountDiffers
        | ExceptionCode::Ambiguous
        | ExceptionCode::OtherAccount
        | ExceptionCode::LineUnclear
        | ExceptionCode::Part
            if found =>
        {
            How::Assign
        }
        ExceptionCode::UnknownCredit | ExceptionCode::Overpaid | ExceptionCode::PaidTwice => How::Refund,
        ExceptionCode::PaidLate => How::Accept,
        ExceptionCode::OtherSystem => How::PassOn,
        ExceptionCode::Ambiguous | ExceptionCode::OtherAccount => How::Assign,
        _ => How::Leave,
    }
}
