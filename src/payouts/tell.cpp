#include "payouts/tell.hpp"

#include "core/json.hpp"
#include "crypto/eip55.hpp"

namespace remit::payouts {

events::EventDraft event_of(const Payout &payout, std::string_view actor) {
    core::JsonWriter json;
    json.begin_object();
    json.field("payout", payout.id).field("external_id", payout.external_id).field("chain_id", payout.chain_id);
    json.field("token", payout.token).field("to", crypto::checksum_address(payout.to));
    json.field("amount", to_decimal(payout.amount)).field("status", payout_status_name(payout.status));
    json.field("state", payout_state_name(payout.state));
    if (payout.sender) json.field("sender", crypto::checksum_address(*payout.sender));
    if (payout.nonce) json.field("nonce", *payout.nonce);
    if (payout.tx_hash) json.field("tx_hash", to_hex(*payout.tx_hash));
    if (payout.block_number) json.field("block_number", *payout.block_number);
    if (!payout.reason.empty()) json.field("reason", payout.reason);
    if (!payout.doubt.empty()) json.field("doubt", payout.doubt);
    if (!actor.empty()) json.field("actor", actor);
    json.end_object();
    const char *what = payout.doubt.empty() ? payout_status_name(payout.status) : "unknown";
    return {payout.tenant, payout.id, std::string("payout.") + what, 1, json.take()};
}

}  // namespace remit::payouts
