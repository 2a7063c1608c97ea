// JSON of what comes out: one shape for the C ABI, the program and the bindings.
//
// Amounts are decimal text of base units, hashes 0x and lowercase, addresses checksummed (EIP-55), times
// integer microseconds UTC. What is not known is null.
#pragma once

#include <remit/engine.hpp>

#include <span>
#include <string>

namespace remit {

std::string to_json(const Payout &payout);
std::string to_json(const PayoutPage &page);                    // {"payouts":[...],"next":"..."}
std::string to_json(std::span<const PayoutAccepted> accepted);  // [{"id":...,"created":...}]
std::string to_json(const PayoutReport &report);
std::string to_json(std::span<const PayoutFinding> findings);  // [{"id":...,"why":...,"action":...}]
std::string to_json(const Event &event);
std::string to_json(std::span<const Event> events);
std::string to_json(std::span<const EventConsumer> consumers);
std::string to_json(const KeyInfo &key);
std::string to_json(std::span<const KeyInfo> keys);
std::string to_json(const Health &health);
std::string to_json(std::span<const LogField> fields);    // {"name":"value",...}
std::string to_json(std::span<const std::string> lines);  // ["..."]: what audit and doctor found
std::string to_json(const KeyRecord &key);
std::string to_json(const KeyPage &page);                        // {"keys":[...],"next":"..."}
std::string to_json(std::span<const HttpHeader> headers);        // [["name","value"],...]
std::string to_json(std::span<const HostStatement> statements);  // [{"sql":...,"values":[...],"row_count":...}]
// The ways back. Invalid naming `field`.
Result<std::vector<HttpHeader>> headers_from_json(std::string_view json, std::string_view field);
Result<std::vector<std::string>> texts_from_json(std::string_view json, std::string_view field);  // ["..."]

}  // namespace remit
