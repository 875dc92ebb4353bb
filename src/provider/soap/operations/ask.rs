//! Asking what became of a payment, and what came in that nobody has read.

use super::super::answer::Verdict;
use super::super::client::{Deadline, Said, Soap};
use super::super::profile::{LookUp, Profile};
use super::super::requests;
use super::super::told::{info, receipts};
use super::find::{Found, Ours};
use crate::app::ports::{Answer, Calls, Question, Refusal, Unread};
use crate::domain::ids::{Kassenzeichen, Mandant};
use crate::provider::http::no_answer;

impl Soap {
    /// What became of an attempt.
    pub(in super::super) async fn ask_info(&self, question: &Question, calls: &Calls) -> Answer {
        let profile = self.config.profile(&question.mandant);
        let kassenzeichen = match self.name_of(question, &profile, calls).await {
            Ok(kassenzeichen) => kassenzeichen,
            Err(answer) => return answer,
        };
        let request =
            requests::kassenzeichen_info(&question.mandant, &kassenzeichen, profile.kassenzeichen_parameter);
        let within = self.timeouts.ask;
        match self.call(request, &question.mandant, within, calls).await {
            Said::Answered(answered, verdict) => {
                let code = answered.ergebnis().code;
                if code.is_some_and(|code| profile.unknown_codes.contains(&code)) {
                    return Answer::Unknown;
                }
                let result = answered.result();
                match verdict {
                    Verdict::Done => info(result, question, &profile),
                    // The Ergebnis may be missing where the rest is there.
                    Verdict::Unsaid if result.word(&["kassenzeichen"]).is_some() => {
                        info(result, question, &profile)
                    }
                    Verdict::Refused(refusal) => Answer::Refused(refusal),
                    other => Answer::None(other.why()),
                }
            }
            Said::NoSuchMethod(operation) => Answer::None(format!("the service does not know {operation}")),
            Said::Refused(refusal) => unreached(refusal),
            Said::Lost(why) => Answer::None(why),
        }
    }

    /// The Kassenzeichen that is asked for.
    async fn name_of(
        &self,
        question: &Question,
        profile: &Profile,
        calls: &Calls,
    ) -> Result<Kassenzeichen, Answer> {
        if let Some(known) = &question.kassenzeichen {
            return Ok(known.clone());
        }
        if profile.look_up == LookUp::None {
            return Err(Answer::None(
                "nothing can be asked without a Kassenzeichen while look_up is none".to_owned(),
            ));
        }
        let ours = Ours {
            mandant: &question.mandant,
            nummer: &question.nummer,
            kundennummer: &question.kundennummer,
            total: question.total,
        };
        // Twice the time, of which a step takes half.
        let deadline = Deadline::after(self.timeouts.ask * 2);
        match self.find_by_number(&ours, profile, deadline, calls).await {
            Found::There(kassenzeichen) => Ok(kassenzeichen),
            Found::NotThere => Err(Answer::Unknown),
            Found::Taken(refusal) => Err(Answer::Refused(refusal)),
            Found::Unclear(why) | Found::NoWay(why) => Err(Answer::None(why)),
        }
    }

    /// What nobody has read yet.
    pub(in super::super) async fn list_unread(
        &self,
        mandant: &Mandant,
        calls: &Calls,
    ) -> Result<Unread, Refusal> {
        let request = requests::zahlungseingaenge(mandant);
        let answered = self
            .call(request, mandant, self.timeouts.ask, calls)
            .await
            .done()?;
        let id = answered
            .ergebnis()
            .id
            .ok_or_else(|| no_answer("the list has no EPaymentId to confirm it with".to_owned()))?;
        let receipts = receipts(answered.result()).map_err(no_answer)?;
        Ok(Unread { id, receipts })
    }
}

/// No connection is no word on anything; a refusal by HTTP is an operator's matter.
fn unreached(refusal: Refusal) -> Answer {
    if refusal.code == "unreachable" {
        Answer::None(refusal.text)
    } else {
        Answer::Refused(refusal)
    }
}
