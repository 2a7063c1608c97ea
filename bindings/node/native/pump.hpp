#pragma once

#include "call.hpp"

namespace remit::node {

Table pump_calls() noexcept;

}  // namespace remit::node
