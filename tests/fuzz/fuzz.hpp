// What the targets share: the input as text, and a check that stops the fuzzer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

namespace remit::fuzz {

inline std::string_view text_of(const std::uint8_t *data, std::size_t size) {
    return {reinterpret_cast<const char *>(data), size};
}

inline void must(bool holds) {
    if (!holds) __builtin_trap();
}

}  // namespace remit::fuzz
