// The power switch of a simulated machine. Off: the disk takes and gives nothing, the network neither, and
// whatever code still runs has no effect on the outside. That is how a crash at any point is simulated.
#pragma once

namespace remit::testing {

struct Power {
    bool on = true;
};

}  // namespace remit::testing
