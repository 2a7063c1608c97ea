#include <remit/effect.hpp>

namespace remit {

const char *effect_class_name(EffectClass effect) noexcept {
    switch (effect) {
    case EffectClass::none: return "none";
    case EffectClass::pure: return "pure";
    case EffectClass::idempotent: return "idempotent";
    case EffectClass::queryable: return "queryable";
    case EffectClass::at_most_once: return "at_most_once";
    }
    return "?";
}

}  // namespace remit
