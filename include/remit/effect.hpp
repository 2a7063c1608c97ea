// What may be done about an effect on the outside world whose outcome nobody recorded.
#pragma once

#include <cstdint>

namespace remit {

enum class EffectClass : std::int32_t {
    none = 0,          // no effect is under way
    pure = 1,          // repeat it
    idempotent = 2,    // repeat it with the same key
    queryable = 3,     // ask the other side first
    at_most_once = 4,  // never repeat it
};
const char *effect_class_name(EffectClass effect) noexcept;

}  // namespace remit
