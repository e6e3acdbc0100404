//! The one test binary. A new file is named twice here: as a module, and in the list of its cases.

#![expect(clippy::unwrap_used, reason = "a case that meets something else than it wrote down shall fail")]

mod adoption;
mod analyst_kit;
mod analytics;
mod appeal;
mod architecture;
mod audit;
mod authz;
mod awaiting;
mod circular;
mod closing;
mod commission;
mod correction;
mod demo;
mod desk;
mod document;
mod door;
mod errors;
mod explanation;
mod export;
mod import;
mod incident;
mod judgement;
mod key_point;
mod ladder;
mod lead;
mod migrations;
mod networks;
mod notices;
mod offers;
mod paging;
mod people;
mod phone;
mod rates;
mod refused;
mod rulebook;
mod rulebook_docs;
mod same_bytes;
mod schema;
mod score;
mod session;
mod settlement;
mod sms_worker;
mod stream;
mod submission;
mod succession;
mod talk;
mod target;
mod urgent;

use std::process::ExitCode;

#[expect(clippy::too_many_lines, reason = "a list of cases reads best in one piece")]
fn main() -> ExitCode {
    if let Some(ended) = tests::server::requested() {
        return ended;
    }
    tests::harness::main(
        [
            architecture::cases(),
            architecture::scope::cases(),
            schema::cases(),
            errors::cases(),
            rulebook_docs::cases(),
            migrations::cases(),
            session::cases(),
            audit::cases(),
            phone::cases(),
            offers::cases(),
            refused::cases(),
            paging::cases(),
            authz::policy_table::cases(),
            authz::operations::questions::cases(),
            authz::operations::orders::cases(),
            authz::operations::feeds::cases(),
            authz::explain::cases(),
            authz::lists::cases(),
            authz::scope::cases(),
            submission::cases(),
            submission::receipt::cases(),
            submission::signing::cases(),
            submission::safety::cases(),
            submission::actions::cases(),
            submission::timeliness::cases(),
            desk::cases(),
            submission::machine::cases(),
            desk::bulk::cases(),
            desk::issues::cases(),
            desk::endorsements::cases(),
            desk::search::cases(),
            desk::similar::cases(),
            adoption::cases(),
            ladder::corrections::cases(),
            ladder::linking::cases(),
            ladder::flow::cases(),
            ladder::events::cases(),
            commission::cases(),
            incident::cases(),
            closing::cases(),
            circular::cases(),
            correction::cases(),
            appeal::cases(),
            settlement::cases(),
            talk::cases(),
            document::cases(),
            rulebook::cases(),
            urgent::cases(),
            commission::deadlines::cases(),
            commission::costs::cases(),
            commission::chain::cases(),
            commission::ledger::cases(),
            commission::actions::cases(),
            lead::cases(),
            key_point::cases(),
            awaiting::cases(),
            people::cases(),
            score::cases(),
            succession::changes::cases(),
            succession::figures::cases(),
            notices::cases(),
            notices::routing::cases(),
            notices::commissions::cases(),
            notices::inbox::cases(),
            stream::cases(),
            stream::reports::cases(),
            stream::access::cases(),
            stream::chaos::cases(),
            stream::failures::cases(),
            stream::health::cases(),
            stream::hints::cases(),
            sms_worker::cases(),
            sms_worker::gateways::cases(),
            sms_worker::secrecy::cases(),
            import::cases(),
            networks::changji::cases(),
            door::cases(),
            demo::cases(),
            rates::cases(),
            export::cases(),
            analyst_kit::cases(),
            export::formats::cases(),
            export::charts::cases(),
            export::saved::cases(),
            analytics::cases(),
            analytics::as_of::cases(),
            analytics::named::cases(),
            networks::changji::year_end::cases(),
            networks::changji::rewards::cases(),
            networks::baotou::cases(),
            networks::gaoxian::cases(),
            networks::xx_city::cases(),
            networks::changsha::cases(),
            networks::year_ends::cases(),
            explanation::cases(),
            judgement::cases(),
            same_bytes::cases(),
            target::cases(),
        ]
        .into_iter()
        .flatten()
        .collect(),
    )
}
