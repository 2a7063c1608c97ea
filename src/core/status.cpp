#include <remit/status.hpp>

namespace remit {

std::string_view status_name(Status status) noexcept {
    switch (static_cast<std::int32_t>(status)) {
#define REMIT_X(c_name, name, number, cls, text)                                                                       \
    case number: return #c_name;
        REMIT_STATUS_TABLE(REMIT_X)
#undef REMIT_X
    }
    return "E_?";
}

std::string_view status_text(Status status) noexcept {
    switch (static_cast<std::int32_t>(status)) {
#define REMIT_X(c_name, name, number, cls, text)                                                                       \
    case number: return text;
        REMIT_STATUS_TABLE(REMIT_X)
#undef REMIT_X
    }
    return {};
}

StatusClass status_class(Status status) noexcept {
    switch (static_cast<std::int32_t>(status)) {
#define REMIT_X(c_name, name, number, cls, text)                                                                       \
    case number: return StatusClass::cls;
        REMIT_STATUS_TABLE(REMIT_X)
#undef REMIT_X
    }
    return StatusClass::FIX;
}

}  // namespace remit
