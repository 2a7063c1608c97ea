// The bodies of remit/json.hpp, and the same as parts of a larger document.
#pragma once

#include "core/json.hpp"

#include <remit/json.hpp>

namespace remit::engine {

void write(core::JsonWriter &json, const Payout &payout);
void write(core::JsonWriter &json, const PayoutAccepted &accepted);
void write(core::JsonWriter &json, const PayoutFinding &finding);
void write(core::JsonWriter &json, const Event &event);
void write(core::JsonWriter &json, const EventConsumer &consumer);
void write(core::JsonWriter &json, const KeyInfo &key);
void write(core::JsonWriter &json, const ChainHealth &chain);
void write(core::JsonWriter &json, const LaneHealth &lane);
inline void write(core::JsonWriter &json, const std::string &line) {
    json.value(line);
}

template <class T>
void write_list(core::JsonWriter &json, std::span<const T> items) {
    json.begin_array();
    for (const T &item : items) write(json, item);
    json.end_array();
}

}  // namespace remit::engine
