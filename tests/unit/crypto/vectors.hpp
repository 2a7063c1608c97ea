// Reading the public test vectors.
#pragma once

#include "core/json.hpp"

#include <remit/bytes.hpp>
#include <remit/keys.hpp>

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace vectors {

inline std::string read_text(const std::string &name) {
    std::ifstream file(std::string(REMIT_VECTORS "/") + name, std::ios::binary);
    REQUIRE(file.good());
    return {std::istreambuf_iterator<char>(file), {}};
}

inline remit::core::Json load(const std::string &name) {
    auto parsed = remit::core::Json::parse(read_text(name), name);
    REQUIRE(parsed.ok());
    return *parsed;
}

inline const remit::core::Json &at(const remit::core::Json &object, std::string_view name) {
    const auto *found = object.find(name);
    REQUIRE(found != nullptr);
    return *found;
}

inline const std::string &text(const remit::core::Json &object, std::string_view name) {
    return at(object, name).text();
}

inline remit::Bytes unhex(std::string_view digits) {
    auto bytes = remit::from_hex(digits, "vector");
    REQUIRE(bytes.ok());
    return *bytes;
}

inline remit::Bytes bytes(const remit::core::Json &object, std::string_view name) {
    return unhex(text(object, name));
}

inline std::int64_t integer(const remit::core::Json &object, std::string_view name) {
    auto value = at(object, name).as_int(name);
    REQUIRE(value.ok());
    return *value;
}

template <class Fixed>
Fixed fixed(std::string_view digits) {
    auto value = remit::fixed_from_hex<Fixed>(digits, "vector");
    REQUIRE(value.ok());
    return *value;
}

inline remit::Secret secret(std::string_view digits) {
    return remit::Secret::from_bytes(unhex(digits));
}

}  // namespace vectors
